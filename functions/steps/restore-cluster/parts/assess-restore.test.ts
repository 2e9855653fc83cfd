import { expect, test } from "vitest";
import { held, hosts, NOW, REQUEST, report, storeOf, volumes } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { TestClock } from "../../../../test/support/steps/test-clock.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { assessRestore } from "./assess-restore.ts";

const env = { RESTORE_STATUS_DOCUMENT: "restore-status" };

test("what was launched before the hold and is silent keeps the barrier closed, and is terminated after three minutes", async () => {
  const store = storeOf();
  const clock = new TestClock();
  const aws = { ...volumes, ...hosts({ a: report("a"), b: null, c: report("c") }) };

  expect(await run(assessRestore, { store, aws, env }, REQUEST, { clock })).toMatchObject({
    kind: "stop",
    members: ["b"],
  });
  await clock.sleep(180_000);
  expect(await run(assessRestore, { store, aws, env }, REQUEST, { clock })).toMatchObject({
    kind: "terminate",
    members: ["b"],
  });
});

test("an answer ends the silence", async () => {
  const restoring = { former: { volumeId: "vol-b", generation: 1 }, generation: 2, silentSince: NOW - 500_000 };
  const store = storeOf({}, [held("a"), held("b", { restoring }), held("c")]);
  const aws = { ...volumes, ...hosts({ a: report("a"), b: report("b"), c: report("c") }) };

  await run(assessRestore, { store, aws, env }, REQUEST);

  expect(store.member("b")?.restoring?.silentSince).toBeNull();
});

test("a volume that EC2 does not know is lost: its member is provided for", async () => {
  const states = async () => new Map([["vol-a", { state: "in-use", attachedTo: "i-a" }]]);
  const aws = { volumeStates: states, ...hosts({ a: report("a"), b: report("b", { mounted: false }) }) };

  expect(await run(assessRestore, { store: storeOf(), aws, env }, REQUEST)).toMatchObject({
    kind: "provide",
    members: ["b", "c"],
    allMembers: ["a", "b", "c"],
  });
});

test("what nobody can act on is waited for", async () => {
  const aws = { ...volumes, ...hosts({ a: report("a"), b: report("b"), c: report("c", { mounted: false }) }) };

  await expect(run(assessRestore, { store: storeOf(), aws, env }, REQUEST)).rejects.toThrow(NotReadyYet);
});
