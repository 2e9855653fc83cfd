import { iam } from "../../aws/iam/client.ts";
import { ensureInstanceRole } from "../../aws/iam/iam.ts";
import { masterRoleName, nodeRoleName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { masterPolicy, nodePolicy } from "../../domain/permissions/instance-policies.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";

const calls = { ...bind(iam, { ensureInstanceRole }) };

const ENV = {
  PARTITION: NonEmpty,
  ACCOUNT_ID: NonEmpty,
  AWS_REGION: NonEmpty,
  PERMISSIONS_BOUNDARY: NonEmpty,
  SECRETS_KEY_ARN: NonEmpty,
  HEARTBEAT_TABLE: NonEmpty,
  API_ID: NonEmpty,
};
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Roles and instance profiles: one for each master, whose member's keys no other master reads, and one for all nodes.
 * Policies are written again on each run, so that they name the security groups that the spec has now.
 */
export async function createIdentity(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const { spec, plan, restoration } = cluster;
  const owner = ownerOf(cluster);
  const place = {
    heartbeatTable: deps.env.HEARTBEAT_TABLE,
    partition: deps.env.PARTITION,
    region: deps.env.AWS_REGION,
    accountId: deps.env.ACCOUNT_ID,
    secretsKeyArn: deps.env.SECRETS_KEY_ARN,
    apiId: deps.env.API_ID,
  };
  const network = spec.networking.used;
  const takesOver = restoration?.takeover && restoration.file ? restoration.file.key : undefined;
  const masters = plan.members.map(({ name: member }) => ({
    name: masterRoleName(owner, member),
    resource: `role/master-${member}`,
    policy: masterPolicy(owner, place, { network, member, securityGroups: spec.masterSecurityGroups, takesOver }),
  }));
  const nodes = {
    name: nodeRoleName(owner),
    resource: "role/nodes",
    policy: nodePolicy(owner, place, { network, securityGroups: spec.nodeSecurityGroups }),
  };
  await Promise.all(
    [...masters, nodes].map((role) =>
      deps.aws.ensureInstanceRole(owner, {
        ...role,
        permissionsBoundaryArn: deps.env.PERMISSIONS_BOUNDARY,
      }),
    ),
  );
}

export const handler = stepHandler("Create identity", StepInput, createIdentity, collaborators(calls, ENV));
