import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { contentPolicy } from "../../functions/domain/console/content-policy.ts";
import { openBrowser } from "../support/console/browser.ts";
import { WORLDWIDE } from "../support/console/endpoint-fixtures.ts";
import { serveFixtures } from "../support/console/fixture-server.ts";
import { CREATION } from "../support/console/fixtures.ts";
import { RUNNING, STOPPED, WAITING } from "../support/console/fleet-fixtures.ts";

/** Screens, and what is done on them before they are looked at. */
const SCREENS: readonly (readonly [string, string, ((page: Page) => Promise<void>)?])[] = [
  ["clusters", "clusters"],
  ["cluster", "clusters/prod.example.com"],
  ["repairing", "clusters/stage.example.com"],
  ["degraded", "clusters/edge-singapore.example.com/operations"],
  ["failed", "clusters/broken.example.com/spec"],
  ["machines", "clusters/prod.example.com/machines"],
  ["backups", "clusters/prod.example.com/backups"],
  ["operation", `operations/${CREATION.id}`],
  ["change", "clusters/prod.example.com/change", (page) => page.getByLabel("Node count").fill("6")],
  ["yaml", "clusters/prod.example.com/change", (page) => page.getByRole("button", { name: "YAML" }).click()],
  ["create", "create"],
  ["restore", "clusters/prod.example.com/restore", chooseBackup],
  ["delete", "clusters/prod.example.com/delete"],
  ["fleets", "fleets"],
  ["fleet", "fleets/prod"],
  ["fleet-change", "fleets/prod/change"],
  ["fleet-create", "create-fleet"],
  ["fleet-delete", "fleets/prod/delete"],
  ["rollout-start", "fleets/prod/rollout", typeChange],
  ["rollout-running", `rollouts/${RUNNING.id}`],
  ["rollout-waiting", `rollouts/${WAITING.id}`],
  ["rollout-stopped", `rollouts/${STOPPED.id}`],
  ["fleet-world", "fleets/world"],
  ["rollout-world", `rollouts/${WORLDWIDE.id}`],
  ["endpoints", "endpoints"],
  ["activity", "activity"],
  ["missing", "clusters/nothing.example.com"],
];

async function chooseBackup(page: Page): Promise<void> {
  await page.getByRole("radio").nth(1).check();
  await page.getByRole("button", { name: /Go back in time/ }).click();
}

async function typeChange(page: Page): Promise<void> {
  await page.getByLabel("New value").fill("5");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "One stage" }).click();
}

/** With `--screens DIR` pictures of all screens, or of those whose names have `--only TEXT`; without it the console with fixtures, until it is interrupted. */
const { values } = parseArgs({ options: { screens: { type: "string" }, only: { type: "string", default: "" } } });
const server = await serveFixtures(contentPolicy());
if (values.screens === undefined) console.log(server.url);
else {
  await mkdir(values.screens, { recursive: true });
  const browser = await openBrowser();
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 320],
  ] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 860 } });
    for (const [name, path, act] of SCREENS.filter(([each]) => each.includes(values.only))) {
      await page.goto(`${server.url}${path}`);
      await page.waitForLoadState("networkidle");
      await act?.(page);
      await page.waitForTimeout(800);
      await page.screenshot({ path: join(values.screens, `${name}-${colorScheme}-${width}.png`), fullPage: true });
    }
    await page.close();
  }
  await browser.close();
  server.close();
}
