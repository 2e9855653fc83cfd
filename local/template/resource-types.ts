import type { Provision } from "./resource-type.ts";
import {
  provisionApi,
  provisionAuthorizer,
  provisionIntegration,
  provisionRoute,
  provisionStage,
} from "./resources/api-gateway.ts";
import { provisionTable } from "./resources/dynamodb.ts";
import { provisionEventBus, provisionEventBusPolicy, provisionRule } from "./resources/events.ts";
import { provisionInstanceProfile, provisionManagedPolicy, provisionPolicy, provisionRole } from "./resources/iam.ts";
import { provisionAlias, provisionKey } from "./resources/kms.ts";
import { provisionEventInvokeConfig, provisionFunction, provisionPermission } from "./resources/lambda.ts";
import { provisionNothing, recordAlarm, recordDashboard, recordLogGroup, recordTopic } from "./resources/recorded.ts";
import { provisionBucket, provisionBucketPolicy } from "./resources/s3.ts";
import { provisionQueue } from "./resources/sqs.ts";
import { provisionDocument, provisionParameter } from "./resources/ssm.ts";
import { provisionStateMachine } from "./resources/step-functions.ts";

/** Types that are accepted and can be referred to, but do nothing on this machine. */
const recordedTypes: Readonly<Record<string, Provision>> = {
  "AWS::CDK::Metadata": provisionNothing,
  "AWS::CloudWatch::Alarm": recordAlarm,
  "AWS::CloudWatch::Dashboard": recordDashboard,
  "AWS::Logs::LogGroup": recordLogGroup,
  "AWS::SNS::Subscription": provisionNothing,
  "AWS::SNS::Topic": recordTopic,
  "AWS::SNS::TopicPolicy": provisionNothing,
  "AWS::SQS::QueuePolicy": provisionNothing,
};

/** Every resource type that the local cloud can run. A template with any other is refused. */
export const resourceTypes: Readonly<Record<string, Provision>> = {
  "AWS::ApiGatewayV2::Api": provisionApi,
  "AWS::ApiGatewayV2::Authorizer": provisionAuthorizer,
  "AWS::ApiGatewayV2::Integration": provisionIntegration,
  "AWS::ApiGatewayV2::Route": provisionRoute,
  "AWS::ApiGatewayV2::Stage": provisionStage,
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
  "AWS::SQS::Queue": provisionQueue,
  "AWS::SSM::Document": provisionDocument,
  "AWS::SSM::Parameter": provisionParameter,
  "AWS::StepFunctions::StateMachine": provisionStateMachine,
  ...recordedTypes,
};
