import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { InstanceRoleRequest } from "../../aws/iam/iam.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { createIdentity } from "./create-identity.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const env = {
  PARTITION: "aws",
  ACCOUNT_ID: "111122223333",
  AWS_REGION: "us-west-2",
  PERMISSIONS_BOUNDARY: "arn:boundary",
  SECRETS_KEY_ARN: "arn:key",
  HEARTBEAT_TABLE: "heartbeats",
  API_ID: "api",
};

function newStage(flags = {}) {
  const made = new Map<string, InstanceRoleRequest>();
  const aws = {
    ensureInstanceRole: async (_: unknown, wanted: InstanceRoleRequest) => {
      made.set(wanted.resource, wanted);
    },
  };
  return { store: new MemoryStore(clusterRecord({}, flags)), aws, env, made };
}

test("each master has a role of its own, and all nodes have one, below the boundary", async () => {
  const stage = newStage();

  await run(createIdentity, stage, INPUT);

  expect([...stage.made.keys()].toSorted()).toEqual(["role/master-a", "role/master-b", "role/master-c", "role/nodes"]);
  for (const role of stage.made.values()) {
    expect(role.permissionsBoundaryArn).toBe("arn:boundary");
    expect(JSON.stringify(role.policy)).toContain('"ssm:UpdateInstanceInformation"');
  }
});

test("a policy names the security groups that the spec has now", async () => {
  const stage = newStage({ "--networking": "amazonvpc", "--master-security-groups": "sg-0123456789abcdef0" });

  await run(createIdentity, stage, INPUT);

  expect(JSON.stringify(stage.made.get("role/master-a")?.policy)).toContain("sg-0123456789abcdef0");
  expect(JSON.stringify(stage.made.get("role/nodes")?.policy)).not.toContain("sg-0123456789abcdef0");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(createIdentity, newStage, INPUT);
});

test("a role of somebody else ends it with OwnershipConflict", async () => {
  const taken = { ensureInstanceRole: async () => Promise.reject(new OwnershipConflict("role x is another's")) };

  await expect(run(createIdentity, { ...newStage(), aws: taken }, INPUT)).rejects.toThrow(OwnershipConflict);
});

test("17.5: masters of a cluster that takes another one over read its snapshot, and write only their own", async () => {
  const stage = newStage();
  const file = { key: "clusters/old.example.com/01old/b/snapshot.db.gz" } as never;
  const restoration = restorationRecord({ file, takeover: { endpoint: null, hostsForgotten: false } });
  stage.store.clusters.set(NAME, clusterRecord({ restoration }));

  await run(createIdentity, stage, INPUT);

  const former = "arn:aws:s3:::*/01old/b/snapshot.db.gz";
  const text = JSON.stringify(stage.made.get("role/master-a")?.policy);
  const { Statement: statements }: { Statement: { Action: string[]; Resource?: string | string[] }[] } =
    JSON.parse(text);
  const mayUse = statements.filter(({ Resource }) => [Resource].flat().includes(former));
  expect(mayUse).toEqual([{ Effect: "Allow", Action: ["s3:GetObject"], Resource: former }]);
  expect(JSON.stringify(statements.find(({ Action }) => Action.includes("kms:Decrypt")))).toContain(former);
  expect(JSON.stringify(stage.made.get("role/nodes")?.policy)).not.toContain(former);
});
