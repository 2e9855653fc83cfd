import { masterPolicy, nodePolicy } from "../domain/instance-policies.ts";
import { roleName } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { ensureInstanceRole } from "../gateways/iam.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";

const env = readEnv({
  PARTITION: NonEmpty,
  ACCOUNT_ID: NonEmpty,
  AWS_REGION: NonEmpty,
  PERMISSIONS_BOUNDARY: NonEmpty,
  SECRETS_KEY_ARN: NonEmpty,
});

/** Roles and instance profiles of this cluster's masters and nodes; no cluster can read another's secrets. */
const createIdentity = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const place = {
    table: table.name,
    partition: env.PARTITION,
    region: env.AWS_REGION,
    accountId: env.ACCOUNT_ID,
    secretsKeyArn: env.SECRETS_KEY_ARN,
  };
  const shared = {
    managedPolicyArns: [`arn:${env.PARTITION}:iam::aws:policy/AmazonSSMManagedInstanceCore`],
    permissionsBoundaryArn: env.PERMISSIONS_BOUNDARY,
  };
  const network = cluster.spec.networking.used;
  const kinds = { masters: masterPolicy(owner, place, network), nodes: nodePolicy(owner, place, network) };
  await Promise.all(
    (["masters", "nodes"] as const).map((kind) =>
      ensureInstanceRole(owner, {
        name: roleName(owner, kind),
        resource: `role/${kind}`,
        policy: kinds[kind],
        ...shared,
      }),
    ),
  );
};

export const handler = stepHandler("Create identity", table, StepInputSchema, createIdentity);
