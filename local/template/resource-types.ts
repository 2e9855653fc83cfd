import type { Provision } from "./resource-type.ts";
import {
  provisionApi,
  provisionAuthorizer,
  provisionIntegration,
  provisionRoute,
  provisionStage,
} from "./resources/api-gateway.ts";
import { provisionAlarm, provisionDashboard } from "./resources/cloudwatch.ts";
import { provisionTable } from "./resources/dynamodb.ts";
import { provisionEventBus, provisionEventBusPolicy, provisionRule } from "./resources/events.ts";
import { provisionInstanceProfile, provisionManagedPolicy, provisionPolicy, provisionRole } from "./resources/iam.ts";
import { provisionAlias, provisionKey } from "./resources/kms.ts";
import { provisionEventInvokeConfig, provisionFunction, provisionPermission } from "./resources/lambda.ts";
import { provisionLogGroup } from "./resources/logs.ts";
import { provisionNothing } from "./resources/recorded.ts";
import { provisionBucket, provisionBucketPolicy } from "./resources/s3.ts";
import { provisionSubscription, provisionTopic, provisionTopicPolicy } from "./resources/sns.ts";
import { provisionQueue, provisionQueuePolicy } from "./resources/sqs.ts";
import { provisionDocument, provisionParameter } from "./resources/ssm.ts";
import { provisionStateMachine } from "./resources/step-functions.ts";

/** Every resource type that the local cloud can run. A template with any other is refused. */
export const resourceTypes: Readonly<Record<string, Provision>> = {
  "AWS::ApiGatewayV2::Api": provisionApi,
  "AWS::ApiGatewayV2::Authorizer": provisionAuthorizer,
  "AWS::ApiGatewayV2::Integration": provisionIntegration,
  "AWS::ApiGatewayV2::Route": provisionRoute,
  "AWS::ApiGatewayV2::Stage": provisionStage,
  "AWS::CDK::Metadata": provisionNothing,
  "AWS::CloudWatch::Alarm": provisionAlarm,
  "AWS::CloudWatch::Dashboard": provisionDashboard,
  "AWS::DynamoDB::GlobalTable": provisionTable,
  "AWS::DynamoDB::Table": provisionTable,
  "AWS::Events::EventBus": provisionEventBus,
  "AWS::Events::EventBusPolicy": provisionEventBusPolicy,
  "AWS::Events::Rule": provisionRule,
  "AWS::IAM::InstanceProfile": provisionInstanceProfile,
  "AWS::IAM::ManagedPolicy": provisionManagedPolicy,
  "AWS::IAM::Policy": provisionPolicy,
  "AWS::IAM::Role": provisionRole,
  "AWS::KMS::Alias": provisionAlias,
  "AWS::KMS::Key": provisionKey,
  "AWS::Lambda::EventInvokeConfig": provisionEventInvokeConfig,
  "AWS::Lambda::Function": provisionFunction,
  "AWS::Lambda::Permission": provisionPermission,
  "AWS::S3::Bucket": provisionBucket,
  "AWS::S3::BucketPolicy": provisionBucketPolicy,
  "AWS::Logs::LogGroup": provisionLogGroup,
  "AWS::SNS::Subscription": provisionSubscription,
  "AWS::SNS::Topic": provisionTopic,
  "AWS::SNS::TopicPolicy": provisionTopicPolicy,
  "AWS::SQS::Queue": provisionQueue,
  "AWS::SQS::QueuePolicy": provisionQueuePolicy,
  "AWS::SSM::Document": provisionDocument,
  "AWS::SSM::Parameter": provisionParameter,
  "AWS::StepFunctions::StateMachine": provisionStateMachine,
};
