import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { LeaseLost, NotReadyYet } from "../../domain/cluster/errors.ts";
import { verifyNodes } from "./verify-nodes.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = { AWAIT_NODES_DOCUMENT: "await-nodes" };
const READY = "us-west-2a True i-a i-0a1\nus-west-2b True i-0a2";

function newStage({ flags = {}, output = READY, operation = "create-1" } = {}) {
  const cluster = clusterRecord({ operation }, flags);
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  account.host = () => ({ ok: true, output });
  return { store: new MemoryStore(cluster, members), aws: account.calls, env, account };
}

test("the nodes that Kubernetes calls Ready are on record; masters are none", async () => {
  const stage = newStage();

  expect(await run(verifyNodes, stage, INPUT)).toEqual({ nodes: 2 });
  const { nodes } = await stage.store.getCluster(NAME);
  expect(nodes.map(({ instanceId }) => instanceId).toSorted()).toEqual(["i-0a1", "i-0a2"]);
  expect(stage.account.commands[0]?.parameters).toEqual({ count: ["2"], states: ["True"] });
});

test("one that is not Ready yet is waited for", async () => {
  const stage = newStage({ output: "us-west-2a True i-0a1\nus-west-2b False i-0a2" });

  await expect(run(verifyNodes, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(verifyNodes, stage, INPUT)).rejects.toThrow("1 of 2 nodes are ready");
});

test("where the user brings the network it is enough that they have joined", async () => {
  const stage = newStage({
    flags: { "--networking": "cni" },
    output: "us-west-2a False i-0a1\nus-west-2b False i-0a2",
  });

  expect(await run(verifyNodes, stage, INPUT)).toEqual({ nodes: 2 });
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(verifyNodes, newStage, INPUT);
});

test("an operation that no longer holds the cluster records nothing", async () => {
  await expect(run(verifyNodes, newStage({ operation: "delete-1" }), INPUT)).rejects.toThrow(LeaseLost);
});
