import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { AccessMissing } from "../../domain/cluster/errors.ts";
import { masterRoleName, nodeRoleName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { deleteIdentity } from "./delete-identity.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
const [MASTER, NODES] = [masterRoleName(ownerOf(cluster), "a"), nodeRoleName(ownerOf(cluster))];

function newStage() {
  const left = new Leftovers(cluster);
  left.own("role", MASTER, "role/master-a");
  left.own("instance-profile", NODES, "role/nodes", { asks: 2 });
  left.own("parameter", "/holdfast/prod.example.com/authorities", "parameter/authorities");
  left.add({ kind: "parameter", id: "/holdfast/prod.example.com/theirs", tags: {} });
  const aws = {
    ...left.calls,
    deleteRole: left.remove,
    deleteInstanceProfile: left.remove,
    deleteParameters: async (all: readonly Owned[]) => {
      for (const each of all) await left.remove(each);
    },
  };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("roles, profiles and parameters of the cluster go, and what others have put below its path stays", async () => {
  const stage = newStage();

  await run(deleteIdentity, stage, INPUT);

  expect(stage.left.ids).toEqual(["/holdfast/prod.example.com/theirs"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteIdentity, newStage, INPUT);
});

test("a permission that is missing is said as that", async () => {
  const stage = newStage();
  const aws = { ...stage.aws, deleteRole: async () => Promise.reject(new AccessMissing("iam:DeleteRole")) };

  await expect(run(deleteIdentity, { ...stage, aws }, INPUT)).rejects.toThrow(AccessMissing);
});
