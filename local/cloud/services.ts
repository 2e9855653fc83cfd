import * as autoScalingSdk from "@aws-sdk/client-auto-scaling";
import * as dynamoDbSdk from "@aws-sdk/client-dynamodb";
import * as ec2Sdk from "@aws-sdk/client-ec2";
import * as elbV2Sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import * as eventBridgeSdk from "@aws-sdk/client-eventbridge";
import * as iamSdk from "@aws-sdk/client-iam";
import * as lambdaSdk from "@aws-sdk/client-lambda";
import * as route53Sdk from "@aws-sdk/client-route-53";
import * as s3Sdk from "@aws-sdk/client-s3";
import * as serviceQuotasSdk from "@aws-sdk/client-service-quotas";
import * as sfnSdk from "@aws-sdk/client-sfn";
import * as ssmSdk from "@aws-sdk/client-ssm";
import * as stsSdk from "@aws-sdk/client-sts";
import { createAutoScaling } from "../autoscaling/autoscaling.ts";
import type { CloudContext } from "../context/context.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createEc2 } from "../ec2/create-ec2.ts";
import { createElbV2 } from "../elbv2/elbv2.ts";
import { createEventBridge, type EventBridgeService } from "../eventbridge/event-bridge.ts";
import { createTargets } from "../eventbridge/targets.ts";
import type { HostDriver } from "../hosts/driver.ts";
import type { AuthorizationRecord } from "../iam/authorization/authorization-record.ts";
import { type Authorizer, createAuthorizer } from "../iam/authorization/authorizer.ts";
import { createMappings } from "../iam/authorization/mappings.ts";
import { createIam } from "../iam/iam.ts";
import { Keys } from "../kms/keys.ts";
import { createLambda } from "../lambda/lambda.ts";
import { createRoute53 } from "../route53/route53.ts";
import { createS3 } from "../s3/s3.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import { createServiceQuotas } from "../service-quotas/service-quotas.ts";
import { createSsm } from "../ssm/ssm.ts";
import { createStepFunctions } from "../stepfunctions/step-functions.ts";
import type { CallContext, CallInterceptor } from "../wire/contract.ts";
import { defineService, type Service } from "../wire/service.ts";
import { mayRegister } from "./agent-permissions.ts";
import { deliverToDestination } from "./destinations.ts";
import { createIntegrations } from "./integrations.ts";
import {
  createOperatorServices,
  defineOperatorServices,
  flowListener,
  functionListeners,
} from "./operator-services.ts";
import type { Snapshot } from "./snapshot-file.ts";
import type { Timings } from "./timings.ts";

export interface ServicesOptions {
  readonly hosts: HostDriver;
  readonly restored: Snapshot;
  /** Folder in which functions find themselves compiled. */
  readonly compileCache: string;
  /** Folder in which S3's objects lie. */
  readonly objectDirectory: string;
  readonly awsEndpoint: () => string;
  readonly scheduleSpeed: number;
  readonly workflowSpeed: number;
  /** Asked before IAM is; throws to refuse a call. */
  readonly authorize: (call: CallContext, input: unknown) => void | Promise<void>;
  /** Whether roles may do only what their policies allow. */
  readonly iam: "enforced" | "off";
  /** How late EC2 and Auto Scaling learn of an instance profile, in milliseconds. */
  readonly iamPropagation: number;
  readonly account: AccountOptions;
  readonly timings: Timings;
  /** Told of every decision of IAM about a role. */
  readonly onAuthorization: ((authorization: AuthorizationRecord) => void) | undefined;
  /** Stands around every call that was authorized. */
  readonly intercept: CallInterceptor;
}

/** What an account and its Region are like. */
export interface AccountOptions {
  /** A default VPC with a subnet in each zone. Many organizations delete it, so there is none if not said otherwise. */
  readonly defaultVpc?: boolean;
  /**
   * Auto Scaling refuses groups that name zones and no subnets where there is no default VPC: AWS does not say whether
   * it does.
   */
  readonly zonesNeedDefaultVpc?: boolean;
}

/** Every service of one local cloud, wired to the others. */
export type CloudServices = ReturnType<typeof createServices>;

export function createServices(context: CloudContext, options: ServicesOptions) {
  const { hosts, restored } = options;
  const iam = createIam(context, restored.iam, { propagation: options.iamPropagation });
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
    timings.dnsChange === undefined ? {} : { syncAfter: timings.dnsChange },
    restored.route53,
  );
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
      ["events", (arn: string) => events.policyOf(arn)],
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
  const events: EventBridgeService = createEventBridge(context, {
    queues,
    scheduleSpeed: options.scheduleSpeed,
    deliveryMs: timings.eventDelivery ?? 0,
    deliver: createTargets({
      lambda,
      queues,
      startExecution: async ({ stateMachineArn, input, roleArn }) => {
        authorizer.require({ roleArn, action: "states:StartExecution", resource: stateMachineArn });
        stepFunctions.startExecution({ stateMachineArn, input });
      },
      putEvent: ({ busArn, event, roleArn }) => {
        authorizer.require({ roleArn, action: "events:PutEvents", resource: busArn });
        events.put(busArn, event);
      },
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
    ["autoscaling", defineService(autoScalingSdk, "AutoScalingClient", autoScaling.handlers)],
    ["dynamodb", defineService(dynamoDbSdk, "DynamoDBClient", dynamodb.handlers)],
    ["ec2", defineService(ec2Sdk, "EC2Client", ec2.handlers)],
    ["elasticloadbalancingv2", defineService(elbV2Sdk, "ElasticLoadBalancingV2Client", elbV2.handlers)],
    ["eventbridge", defineService(eventBridgeSdk, "EventBridgeClient", events.handlers)],
    ["iam", defineService(iamSdk, "IAMClient", iam.handlers)],
    ["lambda", defineService(lambdaSdk, "LambdaClient", lambda.handlers)],
    ["route53", defineService(route53Sdk, "Route53Client", route53.handlers)],
    ["s3", defineService(s3Sdk, "S3Client", s3.handlers)],
    ["servicequotas", defineService(serviceQuotasSdk, "ServiceQuotasClient", createServiceQuotas(context, quotas))],
    ["sfn", defineService(sfnSdk, "SFNClient", stepFunctions.handlers)],
    ["ssm", defineService(ssmSdk, "SSMClient", ssm.handlers)],
    ...defineOperatorServices(context, operatorServices, { keys, endpoint: options.awsEndpoint }),
    ["sts", defineService(stsSdk, "STSClient", iam.stsHandlers)],
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
      autoScaling.close();
      elbV2.close();
      await Promise.all([stepFunctions.close(), lambda.close(), ec2.close()]);
    },
  };
}
