import type { OperationKind } from "../../../functions/domain/api/views.ts";
import type { ClusterRecord, MemberRecord, OperationRecord } from "../../../functions/domain/cluster/records.ts";
import { LEASE_MS } from "../../../functions/domain/cluster/records.ts";
import { planCluster } from "../../../functions/domain/plan/plan.ts";
import { specFromFlags } from "../../../functions/domain/spec/parse-spec.ts";

export const NAME = "prod.example.com";
export const UID = "01kb8q5y00000000000000test";
export const CREATED_AT = "2026-11-29T11:00:00.000Z";

/** A cluster of three masters and two nodes in three zones, with these flags besides. */
export function specOf(flags: Readonly<Record<string, string>> = {}) {
  const given = {
    NAME,
    "--zones": "us-west-2a,us-west-2b,us-west-2c",
    "--master-count": "3",
    "--node-count": "2",
    ...flags,
  };
  const parsed = specFromFlags(Object.entries(given).map(([flag, value]) => ({ flag, value })));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return planCluster(parsed.spec);
}

/** As it is once it has been created; `change` is what is otherwise. */
export function clusterRecord(
  change: Partial<ClusterRecord> = {},
  flags: Readonly<Record<string, string>> = {},
): ClusterRecord {
  const { spec, plan } = specOf(flags);
  const subnets = Object.fromEntries(plan.subnets.map(({ name }) => [name, `subnet-${name}`]));
  return {
    name: NAME,
    uid: UID,
    status: "ACTIVE",
    reason: null,
    spec,
    plan,
    operation: null,
    network: {
      vpcId: "vpc-1",
      internetGatewayId: "igw-1",
      subnets,
      masterGroupId: "sg-masters",
      nodeGroupId: "sg-nodes",
    },
    endpoint: { loadBalancerArn: "arn:lb", targetGroupArn: "arn:targets", host: "api-1.elb.amazonaws.com" },
    images: { masters: "ami-masters", nodes: "ami-nodes" },
    leader: null,
    nodes: [],
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
    ...change,
  };
}

/** A healthy member; its instance, volume and interface are `i-a`, `vol-a` and `eni-a`. */
export function memberRecord(member: string, change: Partial<MemberRecord> = {}): MemberRecord {
  return {
    member,
    volumeId: `vol-${member}`,
    interfaceId: `eni-${member}`,
    instanceId: `i-${member}`,
    generation: 1,
    health: "healthy",
    observedAt: CREATED_AT,
    ...change,
  };
}

/** A running operation. */
export function operationRecord(kind: OperationKind, change: Partial<OperationRecord> = {}): OperationRecord {
  return {
    id: `${kind}-1`,
    cluster: NAME,
    kind,
    status: "RUNNING",
    leaseUntil: Date.parse("2026-11-29T12:00:00Z") + LEASE_MS,
    startedAt: "2026-11-29T11:59:00.000Z",
    finishedAt: null,
    steps: {},
    error: null,
    ...change,
  };
}
