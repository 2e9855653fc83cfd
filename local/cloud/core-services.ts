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
import type { AutoScaling } from "../autoscaling/autoscaling.ts";
import type { CloudContext } from "../context/context.ts";
import type { DynamoDb } from "../dynamodb/dynamodb.ts";
import type { createEc2 } from "../ec2/create-ec2.ts";
import type { ElbV2 } from "../elbv2/elbv2.ts";
import type { EventBridgeService } from "../eventbridge/event-bridge.ts";
import type { Iam } from "../iam/iam.ts";
import type { LambdaService } from "../lambda/lambda.ts";
import type { Route53 } from "../route53/route53.ts";
import type { S3 } from "../s3/s3.ts";
import type { AccountQuotas } from "../service-quotas/account-quotas.ts";
import { createServiceQuotas } from "../service-quotas/service-quotas.ts";
import type { Ssm } from "../ssm/ssm.ts";
import type { StepFunctions } from "../stepfunctions/step-functions.ts";
import { defineService, type Service } from "../wire/service.ts";

interface CoreServices {
  readonly autoScaling: AutoScaling;
  readonly dynamodb: DynamoDb;
  readonly ec2: Pick<ReturnType<typeof createEc2>, "handlers">;
  readonly elbV2: ElbV2;
  readonly events: EventBridgeService;
  readonly iam: Iam;
  readonly lambda: LambdaService;
  readonly quotas: AccountQuotas;
  readonly route53: Route53;
  readonly s3: S3;
  readonly ssm: Ssm;
  readonly stepFunctions: StepFunctions;
}

/** The services that the product calls, as the wire sees them, by the SDK's service id in lower case. */
export function defineCoreServices(
  context: CloudContext,
  services: CoreServices,
): (readonly [serviceId: string, service: Service])[] {
  const { autoScaling, dynamodb, ec2, elbV2, events, iam, lambda, quotas, route53, s3, ssm, stepFunctions } = services;
  return [
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
    ["sts", defineService(stsSdk, "STSClient", iam.stsHandlers)],
  ];
}
