import { expect, test } from "vitest";
import { expectAccessible } from "../support/console/browser.ts";
import { openFixturePages } from "../support/console/fixture-pages.ts";
import { RUNNING, STOPPED, WAITING } from "../support/console/fleet-fixtures.ts";
import { longestFrame } from "../support/console/frames.ts";

const fixtures = openFixturePages();
const { show } = fixtures;

test("6.6.4: a roll-out shows its stages as columns, and is approved, paused, resumed and stopped", async () => {
  const page = await show(`rollouts/${WAITING.id}`);
  const stages = page.getByRole("list", { name: "Stages" }).locator(".stage");
  await stages.first().waitFor();
  const names = await stages.locator("h2").allInnerTexts();
  expect(names.map((name) => name.replace(/\s+/, " "))).toEqual(["1 canary", "2 rest"]);
  await page.getByText("stage rest waits for an approval by an admin").waitFor();

  await page.getByRole("button", { name: "Approve rest" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("heading", { name: /Paused/ }).waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("heading", { name: /Running/ }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("stopped by iam:ada").waitFor();
  expect(fixtures.stage.requests.filter((line) => line.startsWith("PATCH"))).toHaveLength(4);
});

test("6.6.14: a stopped one says why, as text, and offers to retry, to leave out what failed, and to roll back", async () => {
  const page = await show(`rollouts/${STOPPED.id}`);
  const alert = page.getByRole("alert");
  await alert.waitFor();

  expect(await alert.innerText()).toContain("edge-singapore.example.com: <img src=x onerror=");
  await page.getByText("EC2 has no capacity for t3.medium").waitFor();
  await page.getByRole("button", { name: "Retry the failed" }).waitFor();
  await page.getByRole("button", { name: "Resume without the failed" }).waitFor();
  await page.getByText("Roll back", { exact: true }).first().click();
  expect(await page.getByRole("button", { name: "Roll back" }).isDisabled()).toBe(true);
  await page.getByLabel("Type prod to confirm").fill("prod");
  expect(await page.getByRole("button", { name: "Roll back" }).isEnabled()).toBe(true);
});

test("nothing begins without its plan, and the plan names what no stage has", async () => {
  const page = await show("fleets/prod/rollout");
  await page.getByText("The stages with their clusters appear here as you type.").waitFor();
  expect(await page.getByRole("button", { name: "Begin the roll-out" }).count()).toBe(0);

  await page.getByLabel("New value").fill("5");
  await page.keyboard.press("Tab");
  await page.getByText("No stage has these clusters: they are left as they are").waitFor();
  expect(await page.getByRole("button", { name: "Begin the roll-out" }).isDisabled()).toBe(true);
  await expectAccessible(page);
});

test("6.6.5: a viewer sees no buttons of fleets and roll-outs, and a forged request is 403", async () => {
  fixtures.stage.role = "viewer";
  const page = await show(`rollouts/${WAITING.id}`);
  await page.getByText("stage rest waits for an approval by an admin").waitFor();
  expect(await page.locator(".actions").locator("a, button").count()).toBe(0);

  await page.goto(`${fixtures.url}fleets/prod`);
  await page.getByRole("heading", { level: 1, name: "prod" }).waitFor();
  expect(await page.locator(".actions").locator("a, button").count()).toBe(0);
  await page.goto(`${fixtures.url}fleets/prod/rollout`);
  await page.getByText("You may look at this fleet, not change its clusters").waitFor();
  const forged = await page.evaluate(
    `fetch("/session/rollouts/${WAITING.id}", { method: "PATCH", body: '{"action":"approve","stage":"rest"}' })
      .then(({ status }) => status)`,
  );
  expect(forged).toBe(403);
});

test("a change of a fleet is shown before it can be made", async () => {
  const page = await show("fleets/prod/change");
  await page.getByRole("table", { name: "Clusters of the fleet" }).waitFor();
  expect(await page.getByLabel("Selector").inputValue()).toBe("env=prod");
  await page.getByLabel("Type prod to confirm").fill("prod");
  expect(await page.getByRole("button", { name: "Change the fleet" }).isEnabled()).toBe(true);

  await page.getByLabel("Minimum masters").fill("5");
  await page.keyboard.press("Tab");
  await expect
    .poll(() => fixtures.stage.requests.filter((line) => line === "PATCH /session/fleets/prod").length)
    .toBe(2);
});

test("6.6.8: 500 clusters of a roll-out: a frame takes less than 200 ms", async () => {
  const [first] = RUNNING.clusters;
  const clusters = Array.from({ length: 500 }, (_, index) => ({ ...first, name: `c${index}.example.com` }));
  Object.assign(fixtures.stage, { rollouts: [{ ...RUNNING, clusters }] });
  const page = await show(`rollouts/${RUNNING.id}`);
  await page.getByText("500 of 500 changed").first().waitFor();

  expect(await page.locator(".card").count()).toBe(40);
  expect(await longestFrame(page)).toBeLessThan(200);
  await page.getByRole("button", { name: "460 more" }).click();
  await page.getByRole("link", { name: "c499.example.com" }).waitFor();
});
