import { describe, expect, test } from "vitest";
import { expectAccessible } from "../support/console/browser.ts";
import { WORLDWIDE } from "../support/console/endpoint-fixtures.ts";
import { openFixturePages } from "../support/console/fixture-pages.ts";
import { CREATION, HOSTILE_TEXTS, healthyCluster } from "../support/console/fixtures.ts";
import { STOPPED, WAITING } from "../support/console/fleet-fixtures.ts";
import { longestFrame } from "../support/console/frames.ts";

const fixtures = openFixturePages();
const { show } = fixtures;

const HIDE = `
  Object.defineProperty(document, "hidden", { configurable: true, get: () => VALUE });
  document.dispatchEvent(new Event("visibilitychange"));
`;

const SCREENS = [
  ["clusters", "Clusters"],
  ["clusters/stage.example.com", "stage.example.com"],
  ["clusters/prod.example.com/operations", "prod.example.com"],
  ["clusters/prod.example.com/machines", "prod.example.com"],
  ["clusters/prod.example.com/backups", "prod.example.com"],
  ["clusters/broken.example.com/spec", "broken.example.com"],
  [`operations/${CREATION.id}`, "Creation of broken.example.com"],
  ["clusters/prod.example.com/change", "Change prod.example.com"],
  ["clusters/prod.example.com/restore", "Restore prod.example.com"],
  ["clusters/prod.example.com/delete", "Delete prod.example.com"],
  ["create", "Create a cluster"],
  ["fleets", "Fleets"],
  ["fleets/prod", "prod"],
  ["fleets/prod/change", "Change prod"],
  ["fleets/prod/delete", "Delete prod"],
  ["fleets/prod/rollout", "Roll out a change to prod"],
  ["create-fleet", "Create a fleet"],
  [`rollouts/${WAITING.id}`, "Roll-out of prod"],
  [`rollouts/${STOPPED.id}`, "Roll-out of prod"],
  ["fleets/world", "world"],
  [`rollouts/${WORLDWIDE.id}`, "Roll-out of world"],
  ["endpoints", "Endpoints"],
  ["activity", "Activity"],
] as const;

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  test.each(SCREENS)("6.6.9: %s breaks no rule of accessibility", async (path, heading) => {
    await fixtures.page.emulateMedia({ colorScheme });
    const page = await show(path);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await page.waitForLoadState("networkidle");

    await expectAccessible(page, colorScheme === "dark" ? ["color-contrast"] : undefined);
  });
});

test("on a phone nothing is wider than the screen", async () => {
  await fixtures.page.setViewportSize({ width: 320, height: 640 });
  for (const [path, heading] of SCREENS) {
    const page = await show(path);
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, 320]);
  }
});

test("a master is drawn as what stays, and its instance as what comes and goes", async () => {
  const page = await show("clusters/stage.example.com");
  const card = (name: string) => page.getByRole("article", { name: `Master ${name}` });
  await card("a").getByText("i-0aaaaaaaaaaaaaaaa").waitFor();
  await card("b").getByText("vol-0bbbbbbbbbbbbbbbb").waitFor();
  await card("b").getByText("none: the next one is on its way").waitFor();
  await card("b").getByText("etcd of b catches up").waitFor();

  await page.goto(`${fixtures.url}clusters/edge-singapore.example.com`);
  await card("b").getByText("none", { exact: true }).waitFor();
});

test("6.6.14: what others wrote is shown as text", async () => {
  const page = await show("clusters/broken.example.com");
  const [markup = ""] = HOSTILE_TEXTS;

  const alert = page.getByRole("alert").filter({ hasText: "EC2 has no capacity" });
  expect(await alert.innerText()).toContain(`${markup} red \ufffdtxt.exe`);
  await page.locator(".event-history").getByText(markup).waitFor();
  expect(await page.title()).toBe("Holdfast");
  expect(await page.locator("img").count()).toBe(0);
});

test("an endpoint that does not answer is first, in a state of its own, with since when and why", async () => {
  const page = await show("fleets");
  await page.getByRole("link", { name: "Endpoints" }).click();
  const rows = page.getByRole("table", { name: "Endpoints" }).locator("tbody tr");
  await rows.first().waitFor();

  const lines = (await rows.allInnerTexts()).map((text) => text.split(/\s*[\t\n]\s*/).filter(Boolean));
  expect(lines.map(([name, mark, word]) => [name, mark, word])).toEqual([
    ["asia", "⊘", "Unreachable"],
    ["new", "◐", "Joining"],
    ["eu", "●", "Reachable"],
  ]);
  expect(lines[0]?.slice(3)).toEqual([
    ...["3", expect.stringMatching(/^\d+ min ago$/)],
    expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC, for \d+ min$/),
    ...["1.0.0", "333344445555", "ap-southeast-1"],
    expect.stringContaining("no answer within 5 seconds <img"),
  ]);

  fixtures.stage.endpoints = [];
  await page.reload();
  await page.getByText("No endpoints are shown").waitFor();
  await expectAccessible(page);
});

test("fleets and roll-outs name a cluster's endpoint; an unreachable one is not the same as one that is not there", async () => {
  const page = await show("fleets/world");
  const state = async (name: string) => (await page.getByRole("row", { name }).locator(".badge").innerText()).trim();
  await page.getByText("asia/singapore.example.com").waitFor();
  expect(await state("asia/singapore.example.com")).toMatch(/^⊘\s*Unreachable$/);
  expect(await state("gone.example.com")).toMatch(/^○\s*Unknown$/);
  expect(await state("eu/paris.example.com")).toMatch(/^●\s*Active$/);

  await page.goto(`${fixtures.url}rollouts/${WORLDWIDE.id}`);
  const card = (name: string) => page.locator(".card").filter({ hasText: name });
  await card("asia/singapore.example.com").getByText("Unreachable").waitFor();
  expect(await card("eu/paris.example.com").getByText("Unreachable").count()).toBe(0);
  // Its operation is at its own Holdfast: here is no page of it.
  expect(await card("eu/paris.example.com").getByRole("link").count()).toBe(0);
});

test("6.6.5: a viewer sees no button that changes something, and no form behind its address", async () => {
  fixtures.stage.role = "viewer";
  const page = await show("clusters/prod.example.com");
  await page.getByText("3 of 3 agree, leader b").waitFor();

  expect(await page.locator(".actions").locator("a, button").count()).toBe(0);
  await page.goto(`${fixtures.url}clusters/prod.example.com/delete`);
  await page.getByText("You may look at this cluster, not delete it").waitFor();
  await page.goto(`${fixtures.url}clusters`);
  await page.getByRole("link", { name: "prod.example.com" }).waitFor();
  expect(await page.getByRole("link", { name: "Create a cluster" }).count()).toBe(0);
});

test("6.6.7: while nobody answers the page says so and shows what it saw last; then it is back by itself", async () => {
  const page = await show("clusters/stage.example.com");
  await page.getByText("2 of 3 agree, leader a").waitFor();

  fixtures.stage.isDown = true;
  await page.getByText("Holdfast does not answer").waitFor();
  expect(await page.getByText("2 of 3 agree, leader a").isVisible()).toBe(true);

  fixtures.stage.isDown = false;
  await page.getByText("Holdfast does not answer").waitFor({ state: "detached" });
});

test("who has no session is told how to get one", async () => {
  fixtures.stage.role = "nobody";
  const page = await show("clusters");

  await page.getByText("holdfast console").waitFor();
  await expectAccessible(page);
});

test("a cluster that is not there, and no clusters at all, have words of their own", async () => {
  const page = await show("clusters/nothing.example.com");
  await page.getByText("Not found").waitFor();

  fixtures.stage.clusters = [];
  await page.goto(`${fixtures.url}clusters`);
  await page.getByText("No clusters yet").waitFor();
  await expectAccessible(page);
});

test("6.6.8: 500 clusters: few rows are drawn, and a frame takes less than 200 ms", async () => {
  fixtures.stage.clusters = Array.from({ length: 500 }, (_, index) =>
    healthyCluster(`c${String(index).padStart(3, "0")}.example.com`),
  );
  const page = await show("clusters");
  await page.getByText("500 clusters: 500 active").waitFor();
  expect(await page.locator("tbody tr").count()).toBeLessThan(60);

  expect(await longestFrame(page)).toBeLessThan(200);
  await page.getByRole("link", { name: "c499.example.com" }).waitFor();

  await page.keyboard.press("/");
  await page.keyboard.type("c123");
  await page.getByText("1 of 500").waitFor();
  expect(await page.locator("tbody tr").count()).toBe(1);
});

test("6.6.10: by the keyboard alone: to a cluster, along its tabs, and through a change", async () => {
  const page = await show("clusters");
  await page.getByRole("link", { name: "prod.example.com" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("prod");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "prod.example.com" }).waitFor();

  await page.getByRole("tab", { name: "Events" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Operations", selected: true }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("table", { name: "Masters" }).waitFor();

  await page.getByRole("link", { name: "Change" }).press("Enter");
  await page.getByLabel("Node count").fill("6");
  await page.keyboard.press("Tab");
  await page.getByRole("row", { name: "Node count 3 6" }).waitFor();
  await page.getByLabel("Type prod.example.com to confirm").fill("prod.example.co");
  expect(await page.getByRole("button", { name: "Change the cluster" }).isDisabled()).toBe(true);
  await page.keyboard.type("m");
  expect(await page.getByRole("button", { name: "Change the cluster" }).isEnabled()).toBe(true);
});

test("6.6.1: YAML and form are of the same spec, and what is no YAML is said", async () => {
  const page = await show("clusters/prod.example.com/change");
  await page.getByRole("button", { name: "YAML" }).click();
  const text = page.getByRole("textbox", { name: "Spec" });
  await page.waitForFunction("document.querySelector('textarea')?.value.includes('nodeCount: 3')");

  await text.fill((await text.inputValue()).replace("nodeCount: 3", "nodeCount: 5"));
  await page.keyboard.press("Tab");
  await page.getByRole("row", { name: "Node count 3 5" }).waitFor();
  await text.fill("a: [");
  await page.keyboard.press("Tab");
  await page.getByText("This is no YAML document").waitFor();
});

test("6.6.3: a restore shows what is lost before it can be confirmed, and going back in time is said on purpose", async () => {
  const page = await show("clusters/prod.example.com/restore");
  await page.getByRole("radio", { name: /2026-11-25T100000Z-4f1c/ }).check();
  await page.getByText("--even-though-healthy").waitFor();
  expect(await page.getByRole("button", { name: "Restore" }).count()).toBe(0);

  await page.getByRole("button", { name: "Go back in time, even though it is healthy" }).click();
  await page.getByText("Lost: 57 revisions, everything since").waitFor();
  await page.getByLabel("Type prod.example.com to confirm").waitFor();
});

test("a page that nobody looks at asks nothing", async () => {
  const page = await show("clusters/prod.example.com");
  await page.getByText("3 of 3 agree, leader b").waitFor();
  const hide = (hidden: boolean) => page.evaluate(HIDE.replace("VALUE", String(hidden)));
  await hide(true);
  await page.waitForTimeout(5_500);
  const before = fixtures.stage.requests.length;
  await page.waitForTimeout(5_500);
  expect(fixtures.stage.requests.length).toBe(before);

  await hide(false);
  await expect.poll(() => fixtures.stage.requests.length).toBeGreaterThan(before);
});
