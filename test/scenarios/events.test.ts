import { afterAll, beforeAll, expect, test } from "vitest";
import {
  abort,
  explain,
  instanceOf,
  repairExecutions,
  repairsOf,
  sayRetirement,
  sayState,
  untilIdle,
  whole,
} from "../support/events.ts";
import { startHealing } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "events.example.com";

let scenario: Scenario;
beforeAll(async () => {
  ({ scenario } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function termOf(): Promise<number> {
  const status = await scenario.etcdctl(NAME, "endpoint", "status", "-w", "json");
  return Math.max(...[...status.matchAll(/"raftTerm":(\d+)/g)].map(([, term]) => Number(term)));
}

test("E8: a leader whose instance AWS will retire hands leadership on, and is replaced while writes continue", async () => {
  const before = await whole(scenario, NAME);
  const leader = before.quorum.leader ?? "";
  const term = await termOf();
  let writing = true;
  let written = 0;
  const writer = (async () => {
    for (let value = 1; writing; value += 1) {
      const put = scenario.etcdctl(NAME, "put", "written", String(value));
      // One that happened to be on its way through the master that ends may be lost, but never once it was
      // acknowledged.
      written = await put.then(
        () => value,
        () => written,
      );
    }
  })();
  const from = scenario.calls.length;

  sayRetirement(scenario, instanceOf(before, leader));
  const healed = await memberReplaced(scenario, NAME, memberOf(before, leader), 60_000);
  writing = false;
  await writer;

  expect(memberOf(healed, leader)).toMatchObject({ volumeId: memberOf(before, leader).volumeId });
  expect(Number(await scenario.etcdctl(NAME, "get", "--print-value-only", "written"))).toBeGreaterThanOrEqual(written);
  // The hand-over is one term; an election without a leader would be another.
  expect(await termOf()).toBe(term + 1);
  const calls = scenario.calls.slice(from).filter(({ principal }) => principal.includes("stopmaster"));
  const order = calls.map(({ operation }) => operation).filter((name) => /SendCommand|TerminateInstance/.test(name));
  expect(order).toEqual(["SendCommand", "SendCommand", "TerminateInstanceInAutoScalingGroup"]);
  expect(await explain(scenario, NAME)).toContain(`Master ${leader} is replaced before AWS takes its instance away`);
});

test("W3: a repair whose execution is aborted gives its cluster free at once, and another repair finishes the work", async () => {
  // A repair that still waits for its turn would find the loss, too, and be the one to replace it.
  await untilIdle(scenario);
  const before = memberOf(await whole(scenario, NAME), "b");

  await scenario.terminate(before.instanceId ?? "");
  const [running] = await eventually(
    async () => (await repairExecutions(scenario)).filter(({ name }) => name === `repair-b-${before.instanceId}`),
    (found) => found.length > 0,
    20_000,
  );
  await eventually(
    () => scenario.cluster(NAME),
    ({ operation }) => operation === running?.name,
    20_000,
  );
  await abort(scenario, running?.arn ?? "");
  await memberReplaced(scenario, NAME, before, 60_000);

  const repairs = await repairsOf(scenario, NAME);
  const died = repairs.find(({ id }) => id === running?.name);
  expect(died).toMatchObject({
    status: "FAILED",
    error: { message: `Operation ${running?.name} stopped without recording its end: its execution is ABORTED` },
  });
  // The lease would have held the cluster for ten minutes.
  const lived = Date.parse(died?.finishedAt ?? "") - Date.parse(died?.startedAt ?? "");
  expect(lived).toBeLessThan(60_000);
});

test("E1, E4, E6: events about what was replaced, and about what is not ours, change nothing, however often they come", async () => {
  await untilIdle(scenario);
  const before = await whole(scenario, NAME);
  const former = (await repairsOf(scenario, NAME)).length;
  const known = (await repairExecutions(scenario)).length;
  const gone = /i-[0-9a-f]{17}/.exec(
    (await explain(scenario, NAME)).split("\n").find((line) => line.includes("was lost")) ?? "",
  );

  for (let copy = 0; copy < 5; copy += 1) {
    sayState(scenario, gone?.[0] ?? "", "terminated");
    sayState(scenario, "i-0aaaaaaaaaaaaaaaa", "terminated");
    sayRetirement(scenario, "i-0aaaaaaaaaaaaaaaa");
  }
  sayState(scenario, instanceOf(before, "a"), "terminated");
  await eventually(
    () => repairExecutions(scenario),
    (found) => found.length > known,
    20_000,
  );
  const executions = await untilIdle(scenario);

  // The one about a master that runs begins a look, which finds nothing.
  expect(executions.length).toBe(known + 1);
  expect((await repairsOf(scenario, NAME)).length).toBe(former);
  expect(await scenario.cluster(NAME)).toMatchObject({ status: "ACTIVE", operation: null });
});
