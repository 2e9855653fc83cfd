import * as z from "zod";
import { arnOf, type Provision } from "../resource-type.ts";

const FunctionProperties = z.object({
  FunctionName: z.string().optional(),
  Code: z.object({ S3Key: z.string() }),
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string(),
  Description: z.string().default(""),
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Architectures: z.array(z.enum(["arm64", "x86_64"])).default(["x86_64"]),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).default({ Variables: {} }),
  ReservedConcurrentExecutions: z.coerce.number().optional(),
  DeadLetterConfig: z.object({ TargetArn: z.string() }).optional(),
  LoggingConfig: z
    .object({ LogGroup: z.string().optional(), LogFormat: z.enum(["Text", "JSON"]).optional() })
    .optional(),
});

/** `AWS::Lambda::Function` whose code is an asset; layers, images and inline code are not emulated. */
export const provisionFunction: Provision = (request, { lambda, context }) => {
  const properties = FunctionProperties.parse(request.properties);
  const name = properties.FunctionName ?? request.name();
  lambda.putFunction({
    name,
    directory: request.assetPath(properties.Code.S3Key),
    handler: properties.Handler,
    roleArn: properties.Role,
    environment: properties.Environment.Variables,
    timeoutSeconds: properties.Timeout,
    memoryMegabytes: properties.MemorySize,
    runtime: properties.Runtime,
    architecture: properties.Architectures[0] ?? "x86_64",
    description: properties.Description,
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? "Text",
    ...(properties.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: properties.ReservedConcurrentExecutions,
    }),
    ...(properties.DeadLetterConfig && { deadLetterArn: properties.DeadLetterConfig.TargetArn }),
  });
  return { ref: name, attributes: { Arn: arnOf(context, "lambda", `function:${name}`) } };
};

const PermissionProperties = z.object({
  FunctionName: z.string(),
  Principal: z.string(),
  Action: z.string(),
  SourceArn: z.string().optional(),
});

/** `AWS::Lambda::Permission`: a statement of the function's resource policy. */
export const provisionPermission: Provision = (request, { lambda }) => {
  const { FunctionName, Principal, SourceArn } = PermissionProperties.parse(request.properties);
  lambda.addPermission(FunctionName, {
    statementId: request.name(100),
    principal: Principal,
    ...(SourceArn && { sourceArn: SourceArn }),
  });
  return { ref: request.name(), attributes: {} };
};

const Destination = z.object({ Destination: z.string() }).optional();
const InvokeConfigProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.coerce.number().optional(),
  MaximumEventAgeInSeconds: z.coerce.number().optional(),
  DestinationConfig: z.object({ OnFailure: Destination, OnSuccess: Destination }).optional(),
});

/** `AWS::Lambda::EventInvokeConfig`: retries and destinations of asynchronous invocations. */
export const provisionEventInvokeConfig: Provision = (request, { lambda }) => {
  const { FunctionName, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } =
    InvokeConfigProperties.parse(request.properties);
  const onFailureArn = DestinationConfig?.OnFailure?.Destination;
  const onSuccessArn = DestinationConfig?.OnSuccess?.Destination;
  lambda.putAsyncPolicy(FunctionName, {
    ...(MaximumRetryAttempts !== undefined && { maximumRetries: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { maximumAgeSeconds: MaximumEventAgeInSeconds }),
    ...(onFailureArn && { onFailureArn }),
    ...(onSuccessArn && { onSuccessArn }),
  });
  return { ref: request.name(), attributes: {} };
};
