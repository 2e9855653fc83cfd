import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord } from "../../../test/support/steps/records.ts";
import { run } from "../../../test/support/steps/stage.ts";
import type { MemberRecord } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { fixGroups, type masterGroupsCalls } from "./master-groups.ts";

const LAUNCH = { process: "Launch", reason: "User suspended at 2026-11-29T11:00:00Z" };
const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
const WORK = { cluster, operation: "repair-1", members: ["a", "b"] };

function newStage(change: Partial<MemberRecord> = {}) {
  const members = [memberRecord("a", change), memberRecord("b")];
  const account = new Account(cluster, members);
  return { store: new MemoryStore(cluster, members), aws: account.calls, account };
}

type Stage = Pick<ReturnType<typeof newStage>, "store"> & { readonly aws: Partial<typeof masterGroupsCalls> };
function fix(stage: Stage) {
  return run((deps: Deps<typeof masterGroupsCalls>, work: typeof WORK) => fixGroups(deps, work), stage, WORK);
}

function groupOf({ account }: ReturnType<typeof newStage>) {
  return account.groups.get(account.group("a"));
}

test("groups that are as they should be are left alone", async () => {
  const stage = newStage();

  const { groups, held } = await fix(stage);

  expect([groups.size, held.size]).toEqual([2, 0]);
  expect(stage.store.eventTypes()).toEqual([]);
});

test("another size, and processes that somebody suspended, are corrected and recorded", async () => {
  const stage = newStage();
  stage.account.changeGroup("a", { desired: 0, minSize: 0, suspended: [LAUNCH] });

  await fix(stage);

  expect(groupOf(stage)).toMatchObject({ minSize: 1, maxSize: 1, desired: 1, suspended: [] });
  expect(stage.store.eventTypes()).toEqual(["group-resized", "group-resumed"]);
});

test("while the instance that is replaced has the member's interface its group launches nothing", async () => {
  const stage = newStage({ launchHeld: { instanceId: "i-a" } });
  stage.account.launch("a", "i-a", "shutting-down");
  stage.account.changeGroup("a", { suspended: [LAUNCH], instances: [] });

  const { held } = await fix(stage);

  expect([...held]).toEqual(["a"]);
  expect(groupOf(stage)?.suspended).toEqual([LAUNCH]);
});

test("once it has let go, the group launches again, and no event reports what was our own doing", async () => {
  const stage = newStage({ launchHeld: { instanceId: "i-a" } });
  stage.account.end("i-a");
  stage.account.changeGroup("a", { suspended: [LAUNCH], instances: [] });

  const { held } = await fix(stage);

  expect(held.size).toBe(0);
  expect(groupOf(stage)?.suspended).toEqual([]);
  expect(stage.store.member("a")?.launchHeld).toBeNull();
});

test.each([
  ["terminated", ["i-a users-hook"]],
  ["running", []],
] as const)("a user's terminate hook that holds an instance which is %s", async (state, completed) => {
  const stage = newStage();
  stage.account.launch("a", "i-a", state);
  const held = { instanceId: "i-a", lifecycleState: "Terminating:Wait", healthy: false };
  stage.account.changeGroup("a", { instances: [held] });
  const done: string[] = [];
  const aws = {
    ...stage.aws,
    listTerminateHooks: async () => ["users-hook"],
    completeHook: async (_: string, hook: string, id: string) => {
      done.push(`${id} ${hook}`);
      return true;
    },
  };

  await fix({ ...stage, aws });

  expect(done).toEqual(completed);
  expect(stage.store.eventTypes()).toEqual(completed.map(() => "hook-completed"));
});
