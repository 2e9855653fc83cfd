import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { nodeGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { forgetGoneNodes } from "./forget-gone-nodes.ts";

const INPUT = { cluster: NAME, operation: "scale-1" };
const env = { LIST_NODES_DOCUMENT: "list-nodes", FORGET_NODES_DOCUMENT: "forget-nodes" };

/** Two groups have a node each; Kubernetes knows a third node, whose instance has ended. */
function newStage({ surplus = false } = {}) {
  const cluster = clusterRecord({ status: "UPDATING", operation: "scale-1" });
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  const known = new Set(["i-0a1", "i-0a2", "i-0e1"]);
  account.host = ({ document, parameters }) => {
    if (document === "forget-nodes") for (const name of parameters["nodes"]?.[0]?.split(" ") ?? []) known.delete(name);
    return { ok: true, output: `us-west-2a True ${[...known].join(" ")}` };
  };
  const inService = (instanceId: string) => ({ instanceId, lifecycleState: "InService", healthy: true });
  const groups = new Map([
    [nodeGroupName(ownerOf(cluster), "us-west-2a"), [inService("i-0a1"), ...(surplus ? [inService("i-0a3")] : [])]],
    [nodeGroupName(ownerOf(cluster), "us-west-2b"), [inService("i-0a2")]],
  ]);
  const aws = { ...account.calls, listGroupInstances: async () => groups };
  return { store: new MemoryStore(cluster, members), aws, env, account, known, made: known };
}

test("a node whose instance has ended goes out of Kubernetes; the others stay", async () => {
  const stage = newStage();

  expect(await run(forgetGoneNodes, stage, INPUT)).toEqual({ forgotten: 1 });
  expect([...stage.known]).toEqual(["i-0a1", "i-0a2"]);
});

test("a node that no group has, and whose instance runs, stays", async () => {
  const stage = newStage();
  stage.account.launch("a", "i-0e1");

  expect(await run(forgetGoneNodes, stage, INPUT)).toEqual({ forgotten: 0 });
  expect(stage.known.size).toBe(3);
});

test("as long as a group has more than it should, nothing is taken out", async () => {
  const stage = newStage({ surplus: true });

  await expect(run(forgetGoneNodes, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.account.commands).toEqual([]);
});

test("a master that does not say which nodes there are is asked again", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "" });

  await expect(run(forgetGoneNodes, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("after a death at any of its calls the ended node is gone all the same", async () => {
  // How many a run has forgotten is another number after a death.
  const outcome = async (...given: Parameters<typeof forgetGoneNodes>) => void (await forgetGoneNodes(...given));

  await expectRepeatable(outcome, newStage, INPUT);
});
