import { ensureInstanceRole } from "../../aws/iam/iam.ts";
import { masterRoleName, nodeRoleName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { masterPolicy, nodePolicy } from "../../domain/permissions/instance-policies.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";

const env = readEnv({
  PARTITION: NonEmpty,
  ACCOUNT_ID: NonEmpty,
  AWS_REGION: NonEmpty,
  PERMISSIONS_BOUNDARY: NonEmpty,
  SECRETS_KEY_ARN: NonEmpty,
  HEARTBEAT_TABLE: NonEmpty,
  API_ID: NonEmpty,
});

/**
 * Roles and instance profiles: one for each master, whose member's keys no other master reads, and one for all nodes.
 * Policies are written again on each run, so that they name the security groups that the spec has now.
 */
const createIdentity = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const { spec, plan } = cluster;
  const owner = ownerOf(cluster);
  const place = {
    heartbeatTable: env.HEARTBEAT_TABLE,
    partition: env.PARTITION,
    region: env.AWS_REGION,
    accountId: env.ACCOUNT_ID,
    secretsKeyArn: env.SECRETS_KEY_ARN,
    apiId: env.API_ID,
  };
  const network = spec.networking.used;
  const masters = plan.members.map(({ name: member }) => ({
    name: masterRoleName(owner, member),
    resource: `role/master-${member}`,
    policy: masterPolicy(owner, place, { network, member, securityGroups: spec.masterSecurityGroups }),
  }));
  const nodes = {
    name: nodeRoleName(owner),
    resource: "role/nodes",
    policy: nodePolicy(owner, place, { network, securityGroups: spec.nodeSecurityGroups }),
  };
  await Promise.all(
    [...masters, nodes].map((role) =>
      ensureInstanceRole(owner, {
        ...role,
        managedPolicyArns: [`arn:${env.PARTITION}:iam::aws:policy/AmazonSSMManagedInstanceCore`],
        permissionsBoundaryArn: env.PERMISSIONS_BOUNDARY,
      }),
    ),
  );
};

export const handler = stepHandler("Create identity", table, StepInputSchema, createIdentity);
