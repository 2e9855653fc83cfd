import type * as sdk from "@aws-sdk/client-lambda";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { AsyncInvocationPolicy, FunctionConfiguration, InvokePermission } from "./contract.ts";
import type { LambdaService } from "./lambda.ts";
import { functionNotFound } from "./names.ts";

/** What belongs to functions beside their configuration: policies, settings of invocations, tags; and the account. */
export function settingsHandlers(
  service: LambdaService,
  view: (configuration: FunctionConfiguration) => sdk.FunctionConfiguration,
): Handlers<typeof sdk> {
  const find = (reference: string | undefined): FunctionConfiguration => {
    const found = service.find(reference ?? "");
    if (!found) throw functionNotFound(service.arn(reference ?? ""));
    return found;
  };
  return {
    ...invocationHandlers(service, find),
    GetPolicy: ({ FunctionName }) => {
      const { name } = find(FunctionName);
      const permissions = service.permissionsOf(name);
      if (permissions.length === 0) throw notFound("The resource you requested does not exist.");
      const Statement = permissions.map((permission) => statementOf(permission, service.arn(name)));
      return { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement }), RevisionId: REVISION };
    },
    ListVersionsByFunction: ({ FunctionName }) => ({ Versions: [view(find(FunctionName))] }),
    ListAliases: ({ FunctionName }) => ({ Aliases: find(FunctionName) && [] }),
    ListTags: ({ Resource }) => ({ Tags: find(Resource) && {} }),
    ListEventSourceMappings: () => ({ EventSourceMappings: [] }),
    ListLayers: () => ({ Layers: [] }),
  };
}

function invocationHandlers(
  service: LambdaService,
  find: (reference: string | undefined) => FunctionConfiguration,
): Handlers<typeof sdk> {
  return {
    GetFunctionConcurrency: ({ FunctionName }) => {
      const { reservedConcurrency } = find(FunctionName);
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
    },
    GetFunctionEventInvokeConfig: ({ FunctionName }) => {
      const { name } = find(FunctionName);
      const policy = service.asyncPolicyOf(name);
      if (policy) return eventInvokeConfig(service.arn(name), policy);
      throw notFound(`The function ${service.arn(name)} doesn't have an EventInvokeConfig`);
    },
    ListFunctionEventInvokeConfigs: ({ FunctionName }) => {
      const { name } = find(FunctionName);
      const policy = service.asyncPolicyOf(name);
      return { FunctionEventInvokeConfigs: policy ? [eventInvokeConfig(service.arn(name), policy)] : [] };
    },
    GetAccountSettings: () => {
      const limit = service.accountConcurrency();
      const reserved = service.list().reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
      return {
        AccountLimit: {
          ...{ TotalCodeSize: 80_530_636_800, CodeSizeUnzipped: 262_144_000, CodeSizeZipped: 52_428_800 },
          ...{ ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit - reserved },
        },
        AccountUsage: { TotalCodeSize: 0, FunctionCount: service.list().length },
      };
    },
  };
}

/** Policies here never change. */
const REVISION = "5d1c9a3e-0000-4000-8000-000000000001";

function statementOf({ statementId = "default", principal, sourceArn }: InvokePermission, Resource: string) {
  return {
    ...{ Sid: statementId, Effect: "Allow", Action: "lambda:InvokeFunction", Resource },
    Principal: principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal },
    ...(sourceArn !== undefined && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
  };
}

function eventInvokeConfig(arn: string, policy: AsyncInvocationPolicy): sdk.FunctionEventInvokeConfig {
  const { maximumRetries, maximumAgeSeconds, onFailureArn, onSuccessArn } = policy;
  return {
    LastModified: new Date(0),
    FunctionArn: `${arn}:$LATEST`,
    ...(maximumRetries !== undefined && { MaximumRetryAttempts: maximumRetries }),
    ...(maximumAgeSeconds !== undefined && { MaximumEventAgeInSeconds: maximumAgeSeconds }),
    DestinationConfig: {
      OnSuccess: onSuccessArn === undefined ? {} : { Destination: onSuccessArn },
      OnFailure: onFailureArn === undefined ? {} : { Destination: onFailureArn },
    },
  };
}

function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message, { status: 404, fields: { Type: "User" } });
}
