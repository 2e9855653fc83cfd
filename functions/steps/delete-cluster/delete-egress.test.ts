import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { deleteEgress } from "./delete-egress.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };

function newStage({ asks = 1 } = {}) {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
  const left = new Leftovers(cluster);
  left.own("nat-gateway", "nat-1", "nat-gateway/us-west-2a", { asks });
  left.own("address", "eipalloc-1", "address/us-west-2a");
  left.own("address", "eipalloc-a", "address/master-a", { member: "a" });
  const aws = { find: left.find, deleteNatGateway: left.remove, releaseAddress: left.remove };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("gateways go before their addresses; members' addresses go with their interfaces", async () => {
  const stage = newStage();

  await run(deleteEgress, stage, INPUT);

  expect(stage.left.removed).toEqual(["nat-1", "eipalloc-1"]);
  expect(stage.left.ids).toEqual(["eipalloc-a"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteEgress, newStage, INPUT);
});

test("a gateway that takes minutes is the flow's to wait for, and keeps its address", async () => {
  const stage = newStage({ asks: 100 });

  await expect(run(deleteEgress, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.left.ids).toContain("eipalloc-1");
});
