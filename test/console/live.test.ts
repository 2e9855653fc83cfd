import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Browser, expectAccessible, openBrowser, openPage } from "../support/console/browser.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "console.example.com";
const LONG = { timeout: 90_000 };

let scenario: Scenario;
let browser: Browser;
let opened: Awaited<ReturnType<typeof openPage>>;

beforeAll(async () => {
  [scenario, browser] = await Promise.all([startScenario({ hosts: "simulated" }), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await scenario?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  opened = await openPage(browser);
  return async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  };
});

/** The local cloud signs in whoever sits at the machine. */
async function enter(page: Page, role = "admin"): Promise<void> {
  await page.goto(`${scenario.cloud.endpoints.console}?as=${role}`);
  await page.getByRole("heading", { level: 1, name: "Clusters" }).waitFor();
}

async function openCluster(page: Page, role = "admin"): Promise<void> {
  await enter(page, role);
  await page.getByRole("link", { name: NAME }).click();
  await page.getByRole("heading", { level: 1, name: NAME }).waitFor();
}

/** What a page of another origin, or a script in this one, could send. */
function send(page: Page, method: string, path: string, headers: Record<string, string>) {
  return page.evaluate(
    async ([how, where, what]) => {
      const answer = await fetch(where, { method: how, headers: what, body: how === "GET" ? null : "{}" });
      return answer.status;
    },
    [method, path, headers] as const,
  );
}

const OWN = { "x-holdfast-console": "1", "content-type": "application/json" };

test("6.6.1: a cluster is created by the form, beside its plan, and followed until it is active", async () => {
  const { page } = opened;
  await enter(page);
  await page.getByText("No clusters yet").waitFor();
  await page.getByRole("link", { name: "Create a cluster" }).click();
  await page.getByLabel("Name").fill(NAME);
  await page.getByLabel("Zones (required)").fill("us-west-2a, us-west-2b, us-west-2c");
  await page.getByLabel("Master zones").fill("us-west-2a, us-west-2b, us-west-2c");
  await page.getByLabel("Node count").fill("3");
  await page.keyboard.press("Tab");
  await page.getByText("the loss of any one master").waitFor();
  await page.getByLabel(`Type ${NAME} to confirm`).fill(NAME);
  await page.getByRole("button", { name: "Create", exact: true }).click();

  await page.getByRole("heading", { level: 1, name: `Creation of ${NAME}` }).waitFor();
  await page.getByText("Prepare member").first().waitFor(LONG);
  await page.getByText("Succeeded").waitFor(LONG);
  await expectAccessible(page);
  await page.getByRole("navigation", { name: "Where this is" }).getByRole("link", { name: NAME }).click();
  await page.getByText(/3 of 3 agree, leader [abc]\. Survives the loss of any one zone\./).waitFor(LONG);
  await page.getByText("by local-admin, console").first().waitFor();
});

test("6.6.2: a master is killed: the drawing and the event history say so, and then that it is back", async () => {
  const { page } = opened;
  await openCluster(page);
  const former = (await scenario.cluster(NAME)).members.find(({ name }) => name === "b");
  const card = page.getByRole("article", { name: "Master b" });
  await card.getByText(former?.instanceId ?? "no instance").waitFor();
  await scenario.terminate(former?.instanceId ?? "");

  await page.getByText("Repair under way").waitFor(LONG);
  await page.locator(".event-history").getByText("master-lost").first().waitFor();
  await page.getByText("Repair under way").waitFor({ state: "detached", ...LONG });
  await page.getByText(/3 of 3 agree/).waitFor(LONG);
  await card.getByText("healthy").waitFor(LONG);
  await card.getByText(former?.volumeId ?? "no volume").waitFor();
  expect(await card.getByText(former?.instanceId ?? "no instance").count()).toBe(0);
});

describe("who may do what", () => {
  test("6.6.5: a viewer sees no buttons, and a forged request is 403", async () => {
    const { page } = opened;
    await openCluster(page, "viewer");
    await page.getByText(/3 of 3 agree/).waitFor();

    expect(await page.locator(".actions").locator("a, button").count()).toBe(0);
    expect(await send(page, "POST", `/session/clusters/${NAME}/backup`, OWN)).toBe(403);
    expect(await send(page, "DELETE", `/session/clusters/${NAME}`, OWN)).toBe(403);
    expect(await send(page, "GET", `/session/clusters/${NAME}`, {})).toBe(200);
  });

  test("a write without the page's own header is refused, also of an administrator", async () => {
    const { page } = opened;
    await openCluster(page);

    expect(await send(page, "POST", `/session/clusters/${NAME}/backup`, { "content-type": "application/json" })).toBe(
      403,
    );
    expect(await send(page, "POST", "/session/console-sessions", OWN)).toBe(404);
    expect(await send(page, "POST", `/session/clusters/${NAME}/nodes/i-0123456789abcdef0/certificate`, OWN)).toBe(404);
  });

  test("`holdfast console` signs in once; the cookie is out of reach of scripts, and of no use after signing out", async () => {
    const { page } = opened;
    const { stdout, code } = await scenario.holdfast("console", "--no-open", "--hours", "1");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/\/console\/clusters#code=[\w-]{43}\n$/)]);
    await page.goto(stdout.trim());
    await page.getByRole("link", { name: NAME }).waitFor();
    expect(page.url()).toBe(`${scenario.cloud.endpoints.api}/console/clusters`);
    expect(await page.evaluate("document.cookie")).toBe("");
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ name: "__Host-holdfast", httpOnly: true, secure: true, sameSite: "Strict" }]);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You have signed out.").waitFor();
    await page.context().addCookies(cookies);
    expect(await send(page, "GET", "/session/clusters", {})).toBe(401);
    await page.goto(stdout.trim());
    await page.getByText("This code was used already").waitFor();
  });
});

test("6.6.6: two tabs: what one changes the other shows", async () => {
  const [{ page: one }, other] = [opened, await opened.page.context().newPage()];
  await enter(one);
  await other.goto(`${scenario.cloud.endpoints.api}/console/clusters/${NAME}`);
  await other.getByText(/3 of 3 agree/).waitFor();
  await one.goto(`${scenario.cloud.endpoints.api}/console/clusters/${NAME}/change`);
  await one.getByLabel("Node count").fill("4");
  await one.keyboard.press("Tab");
  await one.getByRole("row", { name: "Node count 3 4" }).waitFor();
  await one.getByLabel(`Type ${NAME} to confirm`).fill(NAME);
  await one.getByRole("button", { name: "Change the cluster" }).click();

  await one.getByRole("heading", { level: 1, name: /(Update|Scaling) of/ }).waitFor();
  await other.getByText("2 nodes, 2 ready").waitFor(LONG);
});

test("6.6.4: a fleet is made, and a change is rolled out: planned, paused, resumed and done", async () => {
  const { page } = opened;
  await enter(page);
  await page.goto(`${scenario.cloud.endpoints.api}/console/create-fleet`);
  await page.getByLabel("Name", { exact: true }).fill("all");
  await page.getByRole("button", { name: "By names" }).click();
  await page.getByLabel("Names of clusters").fill(NAME);
  await page.keyboard.press("Tab");
  await page.getByRole("table", { name: "Clusters of the fleet" }).getByRole("link", { name: NAME }).waitFor(LONG);
  await page.getByLabel("Type all to confirm").fill("all");
  await page.getByRole("button", { name: "Create the fleet" }).click();

  await page.getByRole("link", { name: "Roll out a change" }).click();
  await page.getByLabel("Field").selectOption({ label: "Labels" });
  await page.getByLabel("New value").fill("tier=2");
  await page.keyboard.press("Tab");
  await page.getByRole("list", { name: "Stages" }).getByRole("link", { name: NAME }).waitFor(LONG);
  await page.getByLabel("Type all to confirm").fill("all");
  await page.getByRole("button", { name: "Begin the roll-out" }).click();

  await page.getByRole("heading", { level: 1, name: /Roll-out of all/ }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("heading", { level: 1, name: /Paused/ }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("heading", { level: 1, name: /Done/ }).waitFor({ timeout: 150_000 });
  expect((await scenario.cluster(NAME)).spec.labels).toEqual({ tier: "2" });
});

test("6.6.3: a backup is restored by the wizard: its loss is read and confirmed, and the data is of that moment", async () => {
  const { page } = opened;
  expect((await scenario.holdfast("backup", "cluster", NAME, "--wait")).code).toBe(0);
  await openCluster(page);
  await page.getByRole("link", { name: "Restore" }).click();
  await page
    .getByRole("radio", { name: /ago|Just now/ })
    .first()
    .check();
  await page.getByRole("button", { name: "Go back in time, even though it is healthy" }).click();
  await page.getByText(/^Lost: /).waitFor();
  await page.getByLabel(`Type ${NAME} to confirm`).fill(NAME);
  await page.getByRole("button", { name: "Restore", exact: true }).click();

  await page.getByRole("heading", { level: 1, name: `Restore of ${NAME}` }).waitFor();
  await page.getByText("Succeeded").waitFor({ timeout: 240_000 });
  await page.getByRole("navigation", { name: "Where this is" }).getByRole("link", { name: NAME }).click();
  await page.getByText(/3 of 3 agree/).waitFor(LONG);
  expect((await scenario.cluster(NAME)).status).toBe("ACTIVE");
});

test("6.6.7: the API is away for half a minute: a banner says since when, and goes by itself", async () => {
  const { page } = opened;
  await openCluster(page);
  await page.getByText(/3 of 3 agree/).waitFor();
  await page.context().setOffline(true);
  await page.getByText("Holdfast does not answer").waitFor();
  await page.getByText(/for 3\d s\./).waitFor({ timeout: 60_000 });
  expect(await page.getByText(/3 of 3 agree/).isVisible()).toBe(true);

  await page.context().setOffline(false);
  await page.getByText("Holdfast does not answer").waitFor({ state: "detached" });
});

test("files are compressed and cached by their names; a page is asked for each time, under its policy", async () => {
  const address = scenario.cloud.endpoints.api;
  const answer = await fetch(`${address}/console/clusters`, { headers: { "accept-encoding": "br" } });
  const html = await answer.text();
  const script = /src="([^"]+)"/.exec(html)?.[1] ?? "";

  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "cache-control": "no-cache",
    "content-security-policy": expect.stringContaining("require-trusted-types-for 'script'"),
    "content-encoding": "br",
  });
  const file = await fetch(`${address}${script}`);
  expect([file.status, file.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
  expect((await fetch(`${address}/console/assets/nothing-00000000.js`)).status).toBe(404);
  expect((await fetch(`${address}/session/clusters`)).status).toBe(401);
});

test("6.6.1: a cluster is created by YAML, beside the same plan", async () => {
  const { page } = opened;
  await enter(page);
  await page.getByRole("link", { name: "Create a cluster" }).click();
  await page.getByRole("button", { name: "YAML" }).click();
  const spec = ["name: yaml.example.com", "zones: [us-west-2a]", "nodeCount: 0", "backupIntervalMinutes: 0"];
  await page.getByRole("textbox", { name: "Spec" }).fill(spec.join("\n"));
  await page.keyboard.press("Tab");
  await page.getByText("no loss of its only master").waitFor();
  await page.getByLabel("Type yaml.example.com to confirm").fill("yaml.example.com");
  await page.getByRole("button", { name: "Create", exact: true }).click();

  await page.getByRole("heading", { level: 1, name: "Creation of yaml.example.com" }).waitFor();
  await page.getByText("Succeeded").waitFor(LONG);
});
