import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openApiStage } from "../support/console/api-stage.ts";
import { type Browser, openBrowser, openPage } from "../support/console/browser.ts";

let stage: Awaited<ReturnType<typeof openApiStage>>;
let browser: Browser;
let opened: Awaited<ReturnType<typeof openPage>>;

beforeAll(async () => {
  [stage, browser] = await Promise.all([openApiStage(["a.example.com", "b.example.com"]), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await stage?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  opened = await openPage(browser);
  return async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  };
});

test("a browser is signed in by a code, and keeps a cookie that no script can read", async () => {
  const { page } = opened;
  await page.goto(`${stage.url}/console/`);
  await page.getByRole("link", { name: "a.example.com" }).waitFor();
  expect(page.url()).toBe(`${stage.url}/console/clusters`);
  await page.getByRole("link", { name: "Create a cluster" }).waitFor();
  expect(await page.evaluate("document.cookie")).toBe("");
  expect(await page.context().cookies()).toMatchObject([
    { name: "__Host-holdfast", httpOnly: true, secure: true, sameSite: "Strict" },
  ]);

  await page.reload();
  await page.getByRole("link", { name: "b.example.com" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You have signed out.").waitFor();
  await page.goto(`${stage.url}/console/clusters`);
  await page.getByText("holdfast console").waitFor();
  await page.goto(`${stage.url}/console/clusters#code=nothing`);
  await page.getByText("This code was used already").waitFor();
});

test("a viewer may list, and is offered nothing more", async () => {
  const { page } = opened;
  await page.goto(`${stage.url}/console/?as=viewer`);
  await page.getByRole("link", { name: "a.example.com" }).waitFor();

  expect(await page.getByRole("link", { name: "Create a cluster" }).count()).toBe(0);
});

test("what has not changed is answered 304, and what nobody is signed in for 401", async () => {
  const { page } = opened;
  await page.goto(`${stage.url}/console/`);
  await page.getByRole("link", { name: "a.example.com" }).waitFor();
  const statuses = await page.evaluate(async () => {
    const first = await fetch("/session/clusters");
    const tag = first.headers.get("etag") ?? "";
    const again = await fetch("/session/clusters", { headers: { "if-none-match": tag }, cache: "no-store" });
    const anonymous = await fetch("/session/clusters", { credentials: "omit" });
    return [first.status, again.status, anonymous.status];
  });

  expect(statuses).toEqual([200, 304, 401]);
});
