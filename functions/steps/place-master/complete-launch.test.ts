import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { InstanceGone, NotReadyYet } from "../../domain/cluster/errors.ts";
import { completeLaunchStep } from "./complete-launch.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a", instanceId: "i-a" };

/** The launch hook holds the instance in this state. */
function newStage(lifecycleState = "Pending:Wait") {
  const cluster = clusterRecord();
  const account = new Account(cluster, [memberRecord("a")]);
  account.changeGroup("a", { instances: [{ instanceId: "i-a", lifecycleState, healthy: true }] });
  const aws = {
    ...account.calls,
    completeLaunch: async (group: string, instanceId: string) => {
      const [instance] = account.groups.get(group)?.instances ?? [];
      if (instance?.lifecycleState !== "Pending:Wait") return false;
      account.changeGroup("a", { instances: [{ instanceId, lifecycleState: "InService", healthy: true }] });
      return true;
    },
  };
  return { store: new MemoryStore(cluster), aws, account, made: account.groups };
}

function stateOf({ account }: ReturnType<typeof newStage>) {
  return [...account.groups.values()].flatMap(({ instances }) => instances.map(({ lifecycleState }) => lifecycleState));
}

test("an instance that the hook holds comes into service", async () => {
  const stage = newStage();

  await run(completeLaunchStep, stage, INPUT);

  expect(stateOf(stage)).toEqual(["InService"]);
});

test("one on its way to the hook is not ready", async () => {
  await expect(run(completeLaunchStep, newStage("Pending"), INPUT)).rejects.toThrow(NotReadyYet);
});

test.each(["Terminating", "Terminated"])("one that is %s is gone", async (state) => {
  await expect(run(completeLaunchStep, newStage(state), INPUT)).rejects.toThrow(InstanceGone);
});

test("one that its group has no more is gone", async () => {
  const stage = newStage();
  stage.account.changeGroup("a", { instances: [] });

  await expect(run(completeLaunchStep, stage, INPUT)).rejects.toThrow(InstanceGone);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(completeLaunchStep, newStage, INPUT);
});
