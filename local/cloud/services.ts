import { createAutoScaling } from "../autoscaling/autoscaling.ts";
import type { CloudContext } from "../context/context.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createEc2 } from "../ec2/create-ec2.ts";
import { createElbV2 } from "../elbv2/elbv2.ts";
import { createEventBridge, type EventBridgeService } from "../eventbridge/event-bridge.ts";
import { isElsewhere } from "../eventbridge/rules.ts";
import { createTargets } from "../eventbridge/targets.ts";
import { type Authorizer, createAuthorizer } from "../iam/authorization/authorizer.ts";
import { createMappings } from "../iam/authorization/mappings.ts";
import { createIam } from "../iam/iam.ts";
import { Keys } from "../kms/keys.ts";
import { createLambda } from "../lambda/lambda.ts";
import { createRoute53 } from "../route53/route53.ts";
import { createS3 } from "../s3/s3.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import { createSsm } from "../ssm/ssm.ts";
import { createStepFunctions } from "../stepfunctions/step-functions.ts";
import type { Service } from "../wire/service.ts";
import { mayRegister } from "./agent-permissions.ts";
import { defineCoreServices } from "./core-services.ts";
import { deliverToDestination } from "./destinations.ts";
import { createIntegrations } from "./integrations.ts";
import { busTargets, publicSide, putElsewhere } from "./neighbours.ts";
import {
  createOperatorServices,
  defineOperatorServices,
  flowListener,
  functionListeners,
} from "./operator-services.ts";
import type { ServicesOptions } from "./options.ts";
import type { Snapshot } from "./snapshot-file.ts";

/** Every service of one local cloud, wired to the others. */
export type CloudServices = ReturnType<typeof createServices>;

export function createServices(context: CloudContext, options: ServicesOptions) {
  const { hosts, restored } = options;
  const { internet } = options;
  const iam = createIam(context, restored.iam, {
    propagation: options.iamPropagation,
    elsewhere: (input, caller) => internet.assumeRole(input, caller),
  });
  const quotas = new AccountQuotas(restored.quotas);
  const ec2 = createEc2(
    context,
    {
      hosts,
      instanceRoles: iam.instanceRole,
      quotas,
      defaultVpc: options.account.defaultVpc ?? false,
      timings: options.timings.ec2,
    },
    restored.ec2,
  );
  const { timings } = options;
  const elbV2 = createElbV2(
    context,
    { ec2, hosts, quotas, timings: timings.elbV2, ensureRole: iam.ensureServiceLinkedRole },
    restored.elbV2,
  );
  const autoScaling = createAutoScaling(
    context,
    {
      ec2,
      loadBalancers: elbV2.targetGroups,
      quotas,
      ...options.account,
      timings: options.timings.autoScaling,
      ensureRole: iam.ensureServiceLinkedRole,
    },
    restored.autoScaling,
  );
  const keys = new Keys();
  const ssm = createSsm(
    context,
    {
      ...{ hosts, ec2, keys },
      deliveryMs: timings.commandDelivery ?? 0,
      mayRegister: (instanceId) => mayRegister({ context, iam, ec2, authorizer }, instanceId),
    },
    restored.ssm,
  );
  const dynamodb = createDynamoDb(context, restored.dynamodb);
  const route53 = createRoute53(
    context,
    {
      syncAfter: timings.dnsChange,
      checkSecond: timings.dnsCheckSecond,
      names: internet,
      probe: (config, limits) => internet.probe(config, limits),
    },
    restored.route53,
  );
  const leaveInternet = internet.join(publicSide(context, { elbV2, route53, hosts, iam, events: () => events }));
  const s3 = createS3(context, {
    directory: options.objectDirectory,
    kmsKey: keys.arnOf,
    permissions: {
      mayDo: ({ arn, roleArn }, action, resource) => authorizer.isAllowed({ arn, roleArn, action, resource }),
      wouldAllow: (principal, action, resource) => authorizer.wouldAllow(principal, action, resource),
    },
  });
  const authorizer: Authorizer = createAuthorizer({
    ...context,
    iam,
    mode: options.iam,
    onAuthorization: options.onAuthorization,
    resourcePolicies: new Map([
      ["events", (arn: string) => (isElsewhere(context, arn) ? undefined : events.policyOf(arn))],
      ["s3", (arn: string) => s3.policyOf(arn)],
    ]),
    mappings: createMappings({
      ...context,
      ec2: ec2.store,
      autoScaling: autoScaling.snapshot,
      elbV2: elbV2.snapshot,
      ssm: ssm.snapshot,
      iam: iam.snapshot,
      kmsKey: keys.arnOf,
      dynamoDbKey: dynamodb.keyOf,
      s3,
    }),
  });
  const authorize: ServicesOptions["authorize"] = async (call, input) => {
    await options.authorize(call, input);
    authorizer.authorize(call, input);
  };
  const operatorServices = createOperatorServices(context);
  const { queues, topics, logs, cloudWatch, stacks, apis } = operatorServices;
  const lambda = createLambda(context, {
    awsEndpoint: options.awsEndpoint,
    compileCache: options.compileCache,
    ...functionListeners(operatorServices),
    concurrency: () => quotas.limit("concurrentExecutions"),
    coldStartMs: timings.lambdaColdStart ?? 0,
    deliver: (message) => deliverToDestination({ queues, lambda, events, log: context.log }, message),
  });
  const put = putElsewhere(context, internet);
  const events: EventBridgeService = createEventBridge(context, {
    queues,
    scheduleSpeed: options.scheduleSpeed,
    deliveryMs: timings.eventDelivery ?? 0,
    putElsewhere: put,
    deliver: createTargets({
      lambda,
      queues,
      startExecution: async ({ stateMachineArn, input, roleArn }) => {
        authorizer.require({ roleArn, action: "states:StartExecution", resource: stateMachineArn });
        stepFunctions.startExecution({ stateMachineArn, input });
      },
      ...busTargets(context, { authorizer: () => authorizer, events: () => events, put }),
    }),
  });
  const byServiceId = new Map<string, Service>();
  const integrations = createIntegrations({
    ...options,
    context,
    authorizer,
    authorize,
    lambda,
    events,
    wire: byServiceId,
  });
  const stepFunctions = createStepFunctions(
    context,
    {
      integrations,
      speed: options.workflowSpeed,
      transitionMs: timings.stepTransition ?? 0,
      onEvent: flowListener(operatorServices),
    },
    restored.stepFunctions,
  );

  const services: readonly (readonly [serviceId: string, service: Service])[] = [
    ...defineCoreServices(context, {
      autoScaling,
      dynamodb,
      ec2,
      elbV2,
      events,
      iam,
      lambda,
      quotas,
      route53,
      s3,
      ssm,
      stepFunctions,
    }),
    ...defineOperatorServices(context, operatorServices, { keys, endpoint: options.awsEndpoint }),
  ];
  for (const [serviceId, service] of services) byServiceId.set(serviceId, service);

  return {
    iam,
    ec2,
    elbV2,
    autoScaling,
    ssm,
    keys,
    dynamodb,
    route53,
    s3,
    quotas,
    queues,
    topics,
    logs: logs.store,
    cloudWatch,
    stacks,
    apis,
    lambda,
    events,
    stepFunctions,
    authorizer,
    /** Throws the service's refusal if the principal may not make the call. */
    authorize,
    wire: services.map(([, service]) => service),
    snapshot: (): Snapshot => ({
      iam: iam.snapshot(),
      ec2: ec2.snapshot(),
      elbV2: elbV2.snapshot(),
      autoScaling: autoScaling.snapshot(),
      ssm: ssm.snapshot(),
      dynamodb: dynamodb.snapshot(),
      route53: route53.snapshot(),
      quotas: quotas.snapshot(),
      stepFunctions: stepFunctions.snapshot(),
    }),
    /** Stops what acts by itself: events first, so that nothing new begins. */
    async close(): Promise<void> {
      events.close();
      cloudWatch.close();
      route53.close();
      leaveInternet();
      autoScaling.close();
      elbV2.close();
      await Promise.all([stepFunctions.close(), lambda.close(), ec2.close()]);
    },
  };
}
