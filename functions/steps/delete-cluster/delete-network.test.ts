import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { DeletionBlocked, NotReadyYet } from "../../domain/cluster/errors.ts";
import type { ForeignFacts } from "../../domain/deletion/blockers.ts";
import { deleteNetwork } from "./delete-network.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const FREE: ForeignFacts = { interfaces: [], things: [], references: [] };

function newStage(foreign: ForeignFacts = FREE) {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
  const left = new Leftovers(cluster);
  left.own("vpc", "vpc-1", "vpc");
  left.own("internet-gateway", "igw-1", "internet-gateway");
  left.own("subnet", "subnet-x", "subnet/extra", { asks: 2 });
  left.own("security-group", "sg-masters", "security-group/masters");
  left.own("security-group", "sg-nodes", "security-group/nodes");
  left.own("route-table", "rtb-1", "route-table/public");
  left.add({ kind: "security-group", id: "sg-theirs", tags: {} });
  const { remove } = left;
  const aws = {
    find: left.find,
    findForeign: async () => foreign,
    releaseForeignGroups: async () => {},
    revokeReferences: async () => {},
    deleteSecurityGroup: remove,
    deleteSubnet: remove,
    deleteInternetGateway: remove,
    deleteRouteTable: remove,
    deleteVpc: remove,
  };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("the network goes from the inside out, and what is not the cluster's stays", async () => {
  const stage = newStage();

  await run(deleteNetwork, stage, INPUT);

  expect(stage.left.removed.slice(-2)).toEqual(["rtb-1", "vpc-1"]);
  expect(stage.left.ids).toEqual(["sg-theirs"]);
});

test("what somebody else has in it ends the deletion, by name, before anything is removed", async () => {
  const stage = newStage({ ...FREE, things: [{ what: "subnet", id: "subnet-theirs", ownerId: "111122223333" }] });

  await expect(run(deleteNetwork, stage, INPUT)).rejects.toThrow(DeletionBlocked);
  await expect(run(deleteNetwork, stage, INPUT)).rejects.toThrow("subnet-theirs");
  expect(stage.left.removed).toEqual([]);
});

test("an interface that a service lets go of by itself is waited for", async () => {
  const leaving = {
    id: "eni-lb",
    subnetId: "subnet-1",
    type: "network_load_balancer",
    description: "ELB net/prod",
    ownerId: "amazon-elb",
    requesterId: "amazon-elb",
    instanceId: null,
    endsWithInstance: false,
  };
  const stage = newStage({ ...FREE, interfaces: [leaving] });

  await expect(run(deleteNetwork, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.left.removed).toEqual([]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteNetwork, newStage, INPUT);
});
