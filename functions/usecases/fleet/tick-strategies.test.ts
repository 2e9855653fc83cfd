import { expect, test } from "vitest";
import { names, RolloutStage, statesOf } from "../../../test/support/fleets/rollout-stage.ts";
import { toRolloutView } from "../../domain/fleet/rollout-view.ts";

test("drain: dns takes the traffic of a cluster, waits until that has reached everybody, and gives it back when it is healthy", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} });
  await stage.start({ name: "all", drain: "dns" });

  await stage.tick();
  await stage.tick();
  expect([stage.shifts, stage.endpoint.changed]).toEqual([["c001 drained after 0 changes"], []]);
  expect((await stage.run()).state).toBe("done");

  expect(stage.shifts).toEqual([
    "c001 drained after 0 changes",
    "c001 back after 1 changes",
    "c002 drained after 1 changes",
    "c002 back after 2 changes",
  ]);
});

test("without a public name, or without another cluster to answer, nothing is waited for", async () => {
  const stage = new RolloutStage({ c001: {} });
  stage.settles = undefined;
  await stage.start({ name: "all", drain: "dns" });

  await stage.tick();
  await stage.tick();
  expect(stage.endpoint.changed).toEqual(["c001"]);
});

test("a cluster that has failed gets no traffic until it is skipped", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} }, () => ({ minutes: 1, end: "FAILED" }));
  await stage.start({ name: "all", drain: "dns" });

  expect((await stage.run()).state).toBe("stopped");
  expect(stage.shifts).toEqual(["c001 drained after 0 changes"]);
  await stage.ask({ action: "resume", skip: ["c001", "c002"] });
  expect((await stage.run()).state).toBe("done");
  expect(stage.shifts).toEqual(["c001 drained after 0 changes", "c001 back after 1 changes"]);
});

test("who paused it before the change was sent finds the traffic where it was", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} });
  await stage.start({ name: "all", drain: "dns" });
  await stage.tick();

  await stage.ask({ action: "pause" });
  await stage.tick();
  await stage.tick();
  expect(stage.shifts).toEqual(["c001 drained after 0 changes", "c001 back after 0 changes"]);
});

test("a gate after a stage is asked for when all its clusters have the change, also after the last", async () => {
  const stage = new RolloutStage({ c001: { env: "dev" }, c002: { env: "prod" } });
  const after = [{ gate: "approval", by: "admin" }];
  await stage.start({ name: "dev", selector: "env=dev", after }, { name: "prod", after });

  expect(await stage.run()).toMatchObject({
    state: "waiting-approval",
    reason: "stage dev has ended, and waits for an approval by an admin",
  });
  const { pendingApproval } = toRolloutView(await stage.record());
  expect(pendingApproval).toEqual({ stage: "dev", when: "after", by: "admin" });
  expect(stage.endpoint.changed).toEqual(["c001"]);
  await expect(stage.ask({ action: "approve", stage: "prod" })).rejects.toThrow("is not the one that waits");
  await stage.ask({ action: "approve", stage: "dev" });
  expect((await stage.run()).reason).toBe("stage prod has ended, and waits for an approval by an admin");
  await stage.ask({ action: "approve", stage: "prod" });
  expect((await stage.run()).state).toBe("done");
});

test("5.8.7: while several clusters have trouble in a zone, none with masters there begins", async () => {
  const stage = new RolloutStage(Object.fromEntries(names(40).map((name) => [name, {}])));
  for (const name of names(40)) stage.endpoint.moveTo(name, Number(name.slice(1)) < 4 ? "us-west-2a" : "us-west-2b");
  // Two are fewer than a tenth of all: their zone is what they have in common.
  for (const name of ["c001", "c002"]) stage.endpoint.loseMasters(name);
  await stage.start({ name: "all", maxConcurrent: 4 });

  for (let minute = 0; minute < 4; minute++) await stage.tick();
  const { clusters } = await stage.record();
  expect(clusters.find(({ cluster }) => cluster === "c003")).toMatchObject({
    state: "waiting",
    reason: "zone local/us-west-2a is impaired: 2 of 3 clusters there have unhealthy masters",
  });
  expect(stage.endpoint.changed.slice(0, 5)).toEqual(["c004", "c005", "c006", "c007", "c008"]);

  const { members = [] } = stage.endpoint.clusters.get("c003") ?? {};
  for (const name of ["c001", "c002"]) stage.endpoint.set(name, { members });
  expect((await stage.run()).state).toBe("done");
});

test("5.8.2: the hub dies before it sends a change and is away for an hour: the change is sent then, once", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} });
  await stage.start({ name: "all" });
  stage.seen = { ...stage.endpoint, update: () => Promise.reject(new Error("died before")) };
  await stage.tick();
  stage.seen = stage.endpoint;
  stage.clock.advance(60 * 60_000);

  expect(statesOf(await stage.run())).toEqual({ ok: 2 });
  expect(stage.endpoint.changed).toEqual(["c001", "c002"]);
});

test("5.8.2: a cluster that still recovers when the hub is back has its half hour from then on", async () => {
  const stage = new RolloutStage({ c001: {} }, () => ({ minutes: 2, end: "SUCCEEDED", degraded: 70 }));
  await stage.start({ name: "all" });
  await stage.tick();
  await stage.tick();
  stage.clock.advance(3 * 60_000);
  stage.endpoint.settle();
  stage.clock.advance(57 * 60_000);

  expect(statesOf(await stage.run())).toEqual({ ok: 1 });
});
