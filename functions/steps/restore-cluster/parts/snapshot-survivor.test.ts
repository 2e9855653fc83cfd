import { expect, test } from "vitest";
import { jobs, REQUEST, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { snapshotSurvivor } from "./snapshot-survivor.ts";

const env = { SNAPSHOT_SURVIVOR_DOCUMENT: "snapshot" };

test("a member that fails is no survivor, and its reason is kept", async () => {
  const snapshot = { sha256: "b".repeat(64), bytes: 9, revision: 51, keys: 50, totalSize: 4096, term: 3, index: 62 };
  const failing = jobs({ snapshot: { state: "failed", code: 1, said: "etcd does not open it" } });
  const good = jobs({ snapshot: { state: "done", result: snapshot } });

  const one = await run(snapshotSurvivor, { store: storeOf(), aws: failing, env }, { ...REQUEST, member: "a" });
  const other = await run(snapshotSurvivor, { store: storeOf(), aws: good, env }, { ...REQUEST, member: "b" });

  expect(one).toMatchObject({
    member: "a",
    snapshot: null,
    reason: expect.stringContaining("etcd does not open it"),
  });
  expect(other).toEqual({ member: "b", snapshot, reason: "" });
});
