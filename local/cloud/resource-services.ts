import { createAutoScaling } from "../autoscaling/autoscaling.ts";
import type { CloudContext } from "../context/context.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createEc2 } from "../ec2/create-ec2.ts";
import { createElbV2 } from "../elbv2/elbv2.ts";
import { type Authorizer, createAuthorizer } from "../iam/authorization/authorizer.ts";
import { createMappings } from "../iam/authorization/mappings.ts";
import { createIam } from "../iam/iam.ts";
import type { PolicyDocument } from "../iam/policy.ts";
import { Keys } from "../kms/keys.ts";
import { createRoute53, type Route53 } from "../route53/route53.ts";
import { createS3, type S3 } from "../s3/s3.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import { createSsm } from "../ssm/ssm.ts";
import { mayRegister } from "./agent-permissions.ts";
import type { ServicesOptions } from "./options.ts";

export type ResourceServices = ReturnType<typeof createResourceServices>;

/** Services that keep what the account has, and IAM, which decides about calls to all. */
export function createResourceServices(
  context: CloudContext,
  options: ServicesOptions,
  busPolicyOf: (arn: string) => PolicyDocument | undefined,
) {
  const { restored, timings } = options;
  const machines = createMachines(context, options);
  const keys = new Keys();
  const ssm = createSsm(
    context,
    {
      ...{ hosts: options.hosts, ec2: machines.ec2, keys },
      deliveryMs: timings.commandDelivery ?? 0,
      mayRegister: (instanceId) => mayRegister({ context, ...machines, authorizer }, instanceId),
    },
    restored.ssm,
  );
  const dynamodb = createDynamoDb(context, restored.dynamodb);
  const route53 = createNames(context, options);
  const s3: S3 = createS3(context, {
    directory: options.objectDirectory,
    kmsKey: keys.arnOf,
    permissions: {
      mayDo: ({ arn, roleArn }, action, resource) => authorizer.isAllowed({ arn, roleArn, action, resource }),
      wouldAllow: (principal, action, resource) => authorizer.wouldAllow(principal, action, resource),
    },
  });
  const { iam, ec2, autoScaling, elbV2 } = machines;
  const authorizer: Authorizer = createAuthorizer({
    ...context,
    iam,
    mode: options.iam,
    onAuthorization: options.onAuthorization,
    resourcePolicies: new Map([
      ["events", busPolicyOf],
      ["s3", (arn: string) => s3.policyOf(arn)],
    ]),
    mappings: createMappings({
      ...{ ...context, ec2: ec2.store, autoScaling: autoScaling.snapshot, elbV2: elbV2.snapshot, ssm: ssm.snapshot },
      ...{ iam: iam.snapshot, kmsKey: keys.arnOf, dynamoDbKey: dynamodb.keyOf, s3 },
    }),
  });
  return { ...machines, keys, ssm, dynamodb, route53, s3, authorizer };
}

/** What clusters' machines are made of. */
function createMachines(context: CloudContext, options: ServicesOptions) {
  const { hosts, restored, account, timings, iamPropagation, internet } = options;
  const iam = createIam(context, restored.iam, {
    propagation: iamPropagation,
    elsewhere: (input, caller) => internet.assumeRole(input, caller),
  });
  const quotas = new AccountQuotas(restored.quotas);
  const ensureRole = iam.ensureServiceLinkedRole;
  const ec2 = createEc2(
    context,
    {
      hosts,
      instanceRoles: iam.instanceRole,
      quotas,
      defaultVpc: account.defaultVpc ?? false,
      timings: timings.ec2,
    },
    restored.ec2,
  );
  const elbV2 = createElbV2(context, { ec2, hosts, quotas, timings: timings.elbV2, ensureRole }, restored.elbV2);
  const autoScaling = createAutoScaling(
    context,
    { ec2, loadBalancers: elbV2.targetGroups, quotas, ...account, timings: timings.autoScaling, ensureRole },
    restored.autoScaling,
  );
  return { iam, quotas, ec2, elbV2, autoScaling };
}

function createNames(context: CloudContext, { timings, internet, restored }: ServicesOptions): Route53 {
  return createRoute53(
    context,
    {
      syncAfter: timings.dnsChange,
      checkSecond: timings.dnsCheckSecond,
      names: internet,
      probe: (config, limits) => internet.probe(config, limits),
    },
    restored.route53,
  );
}
