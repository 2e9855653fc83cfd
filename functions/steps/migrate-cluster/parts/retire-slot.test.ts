import { describe, expect, test } from "vitest";
import { Account } from "../../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { TestClock } from "../../../../test/support/steps/test-clock.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { retireSlot } from "./retire-slot.ts";

const OPERATION = "migrate-1";
const INPUT = { cluster: NAME, operation: OPERATION, member: "b" };
const NOW = new TestClock().now().getTime();

const RUNNING = '{"state":"running","seconds":12,"said":"evicting pod team/web"}';
function ended(...left: string[]): string {
  return JSON.stringify({ state: "done", result: { found: true, left } });
}

/** Two masters, of which `b` has left etcd; `drain` is what the job on the other says. */
function newStage(drain: string | undefined) {
  const members = [memberRecord("a"), memberRecord("b", { health: "unhealthy", migrating: "leaving", volumeId: null })];
  const cluster = clusterRecord({ status: "UPDATING", operation: OPERATION }, { "--master-count": "1" });
  const account = new Account(cluster, members);
  const said = { drain };
  account.host = ({ document }) => {
    const output = document === "drain-node" ? said.drain : "";
    return output === undefined ? { ok: false, output: "the API does not answer" } : { ok: true, output };
  };
  const nothing = async () => [];
  const tags = { ...account.instances.get("i-b")?.tags };
  const aws = {
    ...account.calls,
    findOwnGroups: nothing,
    find: {
      instances: async () => {
        const { state } = account.instances.get("i-b") ?? { state: "terminated" };
        return state === "terminated" ? [] : [{ kind: "instance", id: "i-b", tags, item: {} }];
      },
      ...{ volumes: nothing, interfaces: nothing, launchTemplates: nothing, addresses: nothing },
    },
    ...{ listParameters: nothing, listProfiles: nothing, listRoles: nothing },
    deleteParameters: async () => {},
  };
  const store = new MemoryStore(cluster, members, [operationRecord("migrate", { id: OPERATION })]);
  const env = { FORGET_NODES_DOCUMENT: "forget-nodes", DRAIN_NODE_DOCUMENT: "drain-node" };
  return { store, account, aws: aws as never, env, said };
}

/** As the flow does: again while it is not ready. */
async function retire(stage: ReturnType<typeof newStage>, waitedSeconds = 0): Promise<void> {
  const waitsSince = new Date(NOW - waitedSeconds * 1_000).toISOString();
  for (let tries = 0; tries < 4; tries++) {
    try {
      await run(retireSlot, stage, INPUT, { begun: { ...AGAIN, waitsSince } });
      return;
    } catch (error) {
      if (!(error instanceof NotReadyYet)) throw error;
    }
  }
}

describe("18: a master that goes is drained", () => {
  const stateOf = (stage: ReturnType<typeof newStage>) => stage.account.instances.get("i-b")?.state;
  const documents = (stage: ReturnType<typeof newStage>) => stage.account.commands.map(({ document }) => document);

  test("by another one, and its instance is ended only then", async () => {
    const stage = newStage(RUNNING);

    await retire(stage);
    expect(stateOf(stage)).toBe("running");
    stage.said.drain = ended();
    await retire(stage);

    expect(stateOf(stage)).toBe("terminated");
    expect(stage.account.commands[0]).toMatchObject({
      instanceId: "i-a",
      parameters: { node: ["i-b"], within: ["300"], job: ["drain-i-b-migrate-1"] },
    });
    expect(documents(stage).at(-1)).toBe("forget-nodes");
    expect(stage.store.eventTypes()).toEqual(["master-removed"]);
  });

  test("once: while its instance ends, the others are not asked again", async () => {
    const stage = newStage(ended());

    await retire(stage);

    expect(documents(stage).filter((document) => document === "drain-node")).toHaveLength(1);
    expect(stage.store.member("b")).toMatchObject({ drained: true });
  });

  test("as far as budgets allow; pods that are left are named", async () => {
    const stage = newStage(ended("team/web", "team/db-0"));

    await retire(stage);

    expect(stateOf(stage)).toBe("terminated");
    expect(stage.store.eventTypes()).toEqual(["drain-incomplete", "master-removed"]);
    expect([...stage.store.events.values()][0]).toMatchObject({
      message:
        "Master b goes although it could not be drained: pods were not evicted within five minutes: team/web, team/db-0.",
    });
  });

  test("an API that does not answer holds it up for minutes, not forever", async () => {
    const stage = newStage(undefined);

    await retire(stage, 60);
    expect(stateOf(stage)).toBe("running");
    await retire(stage, 600);

    expect(stateOf(stage)).toBe("terminated");
    expect(stage.store.eventTypes()).toContain("drain-incomplete");
  });

  test("it may die anywhere, and run again", () => expectRepeatable(retireSlot, () => newStage(ended()), INPUT));
});
