import fc from "fast-check";
import { expect, test } from "vitest";
import { inStages, names, RolloutStage, statesOf } from "../../../test/support/fleets/rollout-stage.ts";
import type { Fate, SimulatedEndpoint } from "../../../test/support/fleets/simulated-endpoint.ts";
import { isOpen } from "../../domain/fleet/rollout-records.ts";
import type { ClusterEndpoint } from "./cluster-endpoint.ts";

const ALL = inStages({ name: "all", maxConcurrent: 3 });

test("5.8.1: 200 clusters in three stages, the 7th fails: the others are untouched, it is stopped, and can be resumed", async () => {
  const ring = (index: number) => (index < 5 ? "canary" : index < 50 ? "early" : "rest");
  const labels = Object.fromEntries(names(200).map((name, index) => [name, { ring: ring(index) }]));
  let isBroken = true;
  const stage = new RolloutStage(labels, (name) => ({
    minutes: 2,
    end: name === "c007" && isBroken ? "FAILED" : "SUCCEEDED",
  }));
  await stage.begin(
    inStages(
      { name: "canary", selector: "ring=canary", soakMinutes: 10 },
      { name: "early", selector: "ring=early" },
      { name: "rest", maxConcurrent: "50%" },
    ),
  );

  const stopped = await stage.run();

  expect({ state: stopped.state, states: statesOf(stopped) }).toEqual({
    state: "stopped",
    states: { ok: 6, failed: 1, waiting: 193 },
  });
  expect(stopped.reason).toBe("1 cluster of stage early failed; c007: it did not work");
  expect(stage.endpoint.changed).toEqual(names(7));
  expect((await stage.fleets.readOpenRollouts()).open).toEqual({});
  await expect(stage.ask({ action: "resume" })).rejects.toThrow("retry it, or resume with --skip NAME");

  isBroken = false;
  await stage.ask({ action: "retry" });
  const done = await stage.run();
  expect({ state: done.state, states: statesOf(done) }).toEqual({ state: "done", states: { ok: 200 } });
  expect(stage.endpoint.changed).toHaveLength(201);
});

test("a refused cluster counts as failed, and is left out on request", async () => {
  const stage = new RolloutStage(Object.fromEntries(names(4).map((name) => [name, {}])), (name) => ({
    minutes: 1,
    end: name === "c002" ? "refused" : "SUCCEEDED",
  }));
  await stage.begin(inStages({ name: "all" }));

  expect(statesOf(await stage.run())).toEqual({ ok: 1, failed: 1, waiting: 2 });
  await stage.ask({ action: "resume", skip: ["c002"] });
  expect(statesOf(await stage.run())).toEqual({ ok: 3, skipped: 1 });
});

test("5.8.4: a cluster that is repaired in the middle of its step is running, not failed", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} }, (_, attempt) => ({
    minutes: 3,
    end: attempt === 1 ? "LeaseLost" : "SUCCEEDED",
    degraded: 5,
  }));
  await stage.begin(ALL);

  const done = await stage.run();

  expect({ state: done.state, attempts: done.clusters.map(({ attempt }) => attempt) }).toEqual({
    state: "done",
    attempts: [2, 2],
  });
});

test("5.8.2: whoever dies after a change was sent, or before, leaves nothing that happens twice", async () => {
  const stage = new RolloutStage(Object.fromEntries(names(5).map((name) => [name, {}])));
  await stage.begin(inStages({ name: "all", maxConcurrent: 5 }));
  let calls = 0;
  stage.seen = {
    ...stage.endpoint,
    update: async (...request) => {
      if (calls++ % 2 === 0) throw new Error("died before");
      await stage.endpoint.update(...request);
      throw new Error("died after");
    },
  };
  for (let tick = 0; tick < 4; tick++) await stage.tick();
  stage.seen = stage.endpoint;

  expect((await stage.run()).state).toBe("done");
  expect(stage.endpoint.changed).toEqual(names(5));
});

test("what was to be sent when it was paused is sent when it resumes, and not before", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} });
  await stage.begin(inStages({ name: "all" }));
  stage.seen = dyingEndpoint(stage.endpoint, [false]);
  await stage.tick();

  await stage.ask({ action: "pause" });
  await stage.tick();
  expect(stage.endpoint.changed).toEqual([]);
  await stage.ask({ action: "resume" });
  expect(statesOf(await stage.run())).toEqual({ ok: 2 });
});

test("5.8.2: the hub is away for an hour in a stage: what runs has ended, the rest follows, nothing happens twice", async () => {
  const stage = new RolloutStage(Object.fromEntries(names(40).map((name) => [name, {}])));
  await stage.begin(ALL);
  await stage.tick();
  stage.clock.advance(60 * 60_000);

  expect((await stage.run()).state).toBe("done");
  expect(stage.endpoint.changed).toEqual(names(40));
});

test("5.8.5: an approval is asked for once a stage, and what was paused continues as it was", async () => {
  const stage = new RolloutStage({ c001: { env: "dev" }, c002: { env: "prod" } });
  const gate = [{ gate: "approval", by: "admin" }];
  await stage.begin(inStages({ name: "dev", selector: "env=dev" }, { name: "prod", before: gate }));

  expect(await stage.run()).toMatchObject({
    state: "waiting-approval",
    reason: "stage prod waits for an approval by an admin",
  });
  await stage.ask({ action: "pause" });
  expect((await stage.tick()).state).toBe("paused");
  await stage.ask({ action: "resume" });
  expect((await stage.tick()).state).toBe("waiting-approval");
  await stage.ask({ action: "approve", stage: "prod" });
  await stage.ask({ action: "approve", stage: "prod" });
  expect((await stage.run()).state).toBe("done");
});

test("while one cluster of ten is DEGRADED none begins, and after half an hour it stops and says why", async () => {
  const stage = new RolloutStage(Object.fromEntries(names(10).map((name) => [name, {}])));
  stage.endpoint.set("c010", { status: "DEGRADED" });
  await stage.begin(ALL);

  const stopped = await stage.run();

  expect({ state: stopped.state, reason: stopped.reason }).toEqual({
    state: "stopped",
    reason: "nothing could begin for 30 minutes: 1 of 10 clusters is changing or unhealthy",
  });
  expect(stage.endpoint.changed).toEqual([]);
});

test("5.8.7: clusters that become unhealthy while others soak keep the next stage from beginning", async () => {
  const labels = Object.fromEntries(names(20).map((name, index) => [name, { ring: index < 2 ? "first" : "rest" }]));
  const stage = new RolloutStage(labels);
  const first = { name: "first", selector: "ring=first", maxConcurrent: 2, soakMinutes: 20 };
  await stage.begin(inStages(first, { name: "rest", maxConcurrent: 10 }));
  for (let minute = 0; minute < 8; minute++) await stage.tick();

  for (const name of ["c015", "c016", "c017"]) stage.endpoint.set(name, { status: "DEGRADED" });
  for (let minute = 0; minute < 30; minute++) await stage.tick();
  expect(stage.endpoint.changed).toEqual(["c001", "c002"]);

  for (const name of ["c015", "c016", "c017"]) stage.endpoint.set(name, { status: "ACTIVE" });
  expect((await stage.run()).state).toBe("done");
});

test("an operation that ends well but leaves the cluster unhealthy for half an hour is a failure", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} }, () => ({ minutes: 1, end: "SUCCEEDED", degraded: 500 }));
  await stage.begin(inStages({ name: "all" }));

  expect(await stage.run()).toMatchObject({
    state: "stopped",
    reason: "1 cluster of stage all failed; c001: not healthy for 30 minutes after its change: it is DEGRADED",
  });
});

test("labels are recorded without an operation", async () => {
  const stage = new RolloutStage({ c001: { env: "dev" }, c002: {} });
  await stage.begin(ALL, { labels: { env: "prod" } });

  const done = await stage.run();

  expect(done.clusters.map(({ state, from }) => [state, from])).toEqual([
    ["ok", { labels: { env: "dev" } }],
    ["ok", { labels: { env: null } }],
  ]);
});

test("a cluster that is deleted meanwhile is left out", async () => {
  const stage = new RolloutStage({ c001: {}, c002: {} });
  await stage.begin(inStages({ name: "all" }));
  await stage.tick();
  stage.endpoint.set("c002", { status: "DELETED" });

  expect(statesOf(await stage.run())).toEqual({ ok: 1, skipped: 1 });
});

const fates = fc.record({
  minutes: fc.integer({ min: 0, max: 90 }),
  end: fc.constantFrom<Fate["end"]>("SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "LeaseLost", "refused"),
  degraded: fc.constantFrom(0, 0, 0, 7, 45),
});
const strategies = fc
  .array(
    fc.record({
      maxConcurrent: fc.constantFrom(1, 3, 50, "25%", "100%"),
      maxFailures: fc.integer({ min: 0, max: 3 }),
      soakMinutes: fc.constantFrom(0, 0, 5, 40),
      before: fc.constantFrom([], [], [{ gate: "approval" }]),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((stages) =>
    inStages(
      ...stages.map((each, index) => ({
        ...each,
        name: `s${index}`,
        ...(index === 2 ? {} : { selector: `ring=${index}` }),
      })),
    ),
  );

test("whatever happens: never more than the guard begins, nothing begins after a stop, and everything ends", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      strategies,
      fc.array(fates, { minLength: 1, maxLength: 10 }),
      fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      fc.array(fc.boolean(), { maxLength: 20 }),
      async (count, strategy, fate, stopAt, deaths) => {
        const labels = Object.fromEntries(
          names(count).map((name, index) => [name, { ring: String(index % strategy.stages.length) }]),
        );
        const at = (name: string, attempt: number) => fate[(Number(name.slice(1)) + attempt) % fate.length];
        const stage = new RolloutStage(
          labels,
          (name, attempt) => at(name, attempt) ?? { minutes: 1, end: "SUCCEEDED" },
        );
        await stage.begin(strategy);
        let stoppedWith: number | undefined;
        stage.seen = dyingEndpoint(stage.endpoint, deaths);
        for (let minute = 0; ; minute++) {
          expect(minute).toBeLessThan(5000);
          if (minute === stopAt) {
            await stage.ask({ action: "stop" });
            stoppedWith = stage.endpoint.changed.length;
          }
          const before = disturbed(stage);
          const rollout = await stage.tick();
          expect(disturbed(stage)).toBeLessThanOrEqual(Math.max(1, Math.floor(count / 10), before));
          if (rollout.state === "stopped") stoppedWith ??= stage.endpoint.changed.length;
          if (stoppedWith !== undefined) expect(stage.endpoint.changed).toHaveLength(stoppedWith);
          if (!isOpen(rollout)) break;
          const waits = /^stage (\S+) waits/.exec(rollout.reason ?? "");
          if (waits?.[1]) await stage.ask({ action: "approve", stage: waits[1] });
        }
        expect((await stage.fleets.readOpenRollouts()).open).toEqual({});
      },
    ),
    { numRuns: 60 },
  );
});

/** Whoever sends the first changes dies, after the change was taken or before. */
function dyingEndpoint(endpoint: SimulatedEndpoint, deaths: readonly boolean[]): ClusterEndpoint {
  const left = [...deaths];
  return {
    ...endpoint,
    update: async (...request) => {
      const death = left.shift();
      if (death === false) throw new Error("died before");
      const answer = await endpoint.update(...request);
      if (death === true) throw new Error("died after");
      return answer;
    },
  };
}

function disturbed({ endpoint }: RolloutStage): number {
  endpoint.settle();
  return [...endpoint.clusters.values()].filter(({ status }) => status !== "ACTIVE").length;
}
