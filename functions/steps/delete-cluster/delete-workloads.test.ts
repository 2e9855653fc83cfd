import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, UID } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { DRIVER_TAG, kubernetesTag, WORKLOAD_UID_TAG } from "../../domain/cluster/naming.ts";
import { deleteWorkloads } from "./delete-workloads.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const THEIRS = { [kubernetesTag(NAME)]: "owned" };
const OF_DRIVER = { ...THEIRS, [WORKLOAD_UID_TAG]: UID, [DRIVER_TAG]: "true" };

function newStage() {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
  const left = new Leftovers(cluster);
  left.own("vpc", "vpc-1", "vpc");
  left.add({ kind: "load-balancer", id: "arn:k8s", tags: THEIRS });
  left.add({ kind: "security-group", id: "sg-k8s", tags: THEIRS, vpcId: "vpc-1", asks: 2 });
  left.add({ kind: "network-interface", id: "eni-k8s", tags: THEIRS, vpcId: "vpc-1" });
  left.add({ kind: "volume", id: "vol-pv", tags: OF_DRIVER });
  left.add({ kind: "volume", id: "vol-other-cluster", tags: { ...OF_DRIVER, [WORKLOAD_UID_TAG]: "another" } });
  const opened: string[] = [];
  const { remove } = left;
  const removal = {
    revokeReferences: async () => {},
    deleteVolume: remove,
    deleteInterface: remove,
    deleteSecurityGroup: remove,
    deleteBalancing: remove,
  };
  const aws = {
    ...left.calls,
    find: left.find,
    openWorkloads: async (role: string) => {
      opened.push(role);
      return removal;
    },
  };
  return { store: new MemoryStore(cluster), aws, env: { WORKLOAD_ROLE: "arn:workloads" }, left, opened, made: left };
}

test("what Kubernetes made goes by the role that may remove nothing else; a volume of another cluster of that name stays", async () => {
  const stage = newStage();

  await run(deleteWorkloads, stage, INPUT);

  expect(stage.opened).toEqual(["arn:workloads"]);
  expect(stage.left.ids).toEqual(["vol-other-cluster", "vpc-1"]);
});

test("with nothing to remove the role is not taken", async () => {
  const stage = newStage();
  await run(deleteWorkloads, stage, INPUT);

  await run(deleteWorkloads, stage, INPUT);

  expect(stage.opened).toHaveLength(1);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteWorkloads, newStage, INPUT);
});
