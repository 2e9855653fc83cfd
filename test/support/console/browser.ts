import { execFileSync } from "node:child_process";
import { AxeBuilder } from "@axe-core/playwright";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";
import { findBrowser } from "../../../scripts/ensure-browser.ts";

/** A browser without a screen. Its sandbox needs what a container does not give; it opens only our own pages. */
export async function openBrowser() {
  const program = findBrowser();
  if (program === undefined) throw new Error("there is no chromium: node scripts/ensure-browser.ts");
  const executablePath = execFileSync("which", [program], { encoding: "utf8" }).trim();
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

export type Browser = Awaited<ReturnType<typeof openBrowser>>;

/** A page that remembers what the content policy forbade and what was thrown. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", ({ message }) => faults.push(message));
  page.on("console", (message) => {
    if (/Content Security Policy|Trusted ?Type/i.test(message.text())) faults.push(message.text());
  });
  return { page, faults, close: () => context.close() };
}

/** None of the rules that a machine can check is broken, or none of these. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  const builder = new AxeBuilder({ page });
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
  expect(found).toEqual([]);
}
