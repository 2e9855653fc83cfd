import type * as sdk from "@aws-sdk/client-lambda";
import { Uint8ArrayBlobAdapter } from "@smithy/core/serde";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers, type InputOf, type OutputOf } from "../wire/contract.ts";
import type { FunctionConfiguration } from "./contract.ts";
import type { LambdaService } from "./lambda.ts";
import { functionNotFound } from "./names.ts";
import { settingsHandlers } from "./settings-handlers.ts";

/** Quotas of Invoke in bytes (docs/references/aws.md#lambda). */
const MAX_SYNCHRONOUS_PAYLOAD = 6_291_456;
const MAX_ASYNCHRONOUS_PAYLOAD = 1_048_576;
/** Of one page of ListFunctions. */
const MAX_LISTED = 50;

/** Lambda's API over the service: what Holdfast's own parts and its operators call. */
export function createHandlers(service: LambdaService): Handlers<typeof sdk> {
  const describe = (reference: string | undefined): FunctionConfiguration => {
    const found = service.find(reference ?? "");
    if (!found) throw functionNotFound(service.arn(reference ?? ""));
    return found;
  };
  return {
    ...settingsHandlers(service, (configuration) => toSdk(service, configuration)),
    Invoke: (input) => invoke(service, input),
    GetFunction: ({ FunctionName }) => {
      const configuration = describe(FunctionName);
      return {
        Configuration: toSdk(service, configuration),
        Code: { RepositoryType: "S3" },
        ...(configuration.reservedConcurrency !== undefined && {
          Concurrency: { ReservedConcurrentExecutions: configuration.reservedConcurrency },
        }),
      };
    },
    GetFunctionConfiguration: ({ FunctionName }) => toSdk(service, describe(FunctionName)),
    ListFunctions: ({ MaxItems, Marker }) => {
      const page = paginate(service.list(), {
        limit: Math.min(MaxItems ?? MAX_LISTED, MAX_LISTED),
        token: Marker,
        tokenError: "InvalidParameterValueException",
      });
      return {
        Functions: page.items.map((configuration) => toSdk(service, configuration)),
        NextMarker: page.nextToken,
      };
    },
  };
}

async function invoke(
  service: LambdaService,
  input: InputOf<typeof sdk, "Invoke">,
): Promise<OutputOf<typeof sdk, "Invoke">> {
  const name = input.FunctionName ?? "";
  const qualified = input.Qualifier ? `${name}:${input.Qualifier}` : name;
  const payload = payloadText(input.Payload);
  switch (input.InvocationType ?? "RequestResponse") {
    case "DryRun":
      if (!service.find(qualified)) throw functionNotFound(service.arn(name));
      return { StatusCode: 204 };
    case "Event":
      refuseAbove(MAX_ASYNCHRONOUS_PAYLOAD, payload);
      service.invokeAsync(qualified, payload);
      return { StatusCode: 202 };
    default: {
      refuseAbove(MAX_SYNCHRONOUS_PAYLOAD, payload);
      const result = await service.invoke(qualified, payload);
      return {
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        Payload: Uint8ArrayBlobAdapter.fromString(result.payload),
        ...(result.functionError && { FunctionError: result.functionError }),
        ...(input.LogType === "Tail" && { LogResult: tail(service, name, result.requestId) }),
      };
    }
  }
}

/** An absent payload is an empty object to the function; what is not JSON is refused. */
function payloadText(payload: InputOf<typeof sdk, "Invoke">["Payload"]): string {
  const text = payload instanceof Uint8Array ? Buffer.from(payload).toString("utf8") : String(payload ?? "");
  if (text === "") return "{}";
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${String(error)}`, {
      fields: { Type: "User" },
    });
  }
}

function refuseAbove(limit: number, payload: string): void {
  if (Buffer.byteLength(payload) <= limit) return;
  const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
  throw new AwsError("RequestTooLargeException", message, { status: 413, fields: { Type: "User" } });
}

/** The last 4 KiB that the invocation printed, in base64. */
function tail(service: LambdaService, name: string, requestId: string): string {
  const lines = service.logs(name).filter((line) => line.requestId === requestId);
  return Buffer.from(lines.map((line) => `${line.text}\n`).join(""))
    .subarray(-4096)
    .toString("base64");
}

function toSdk(
  service: LambdaService,
  configuration: FunctionConfiguration,
): OutputOf<typeof sdk, "GetFunctionConfiguration"> {
  return {
    FunctionName: configuration.name,
    FunctionArn: service.arn(configuration.name),
    Runtime: runtimeOf(configuration.runtime),
    Role: configuration.roleArn,
    Handler: configuration.handler,
    Description: configuration.description,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMegabytes,
    Version: "$LATEST",
    PackageType: "Zip",
    Architectures: [configuration.architecture],
    Environment: { Variables: { ...configuration.environment } },
    State: "Active",
    LastUpdateStatus: "Successful",
    LoggingConfig: { LogFormat: configuration.logFormat ?? "Text", LogGroup: configuration.logGroup },
    ...(configuration.deadLetterArn && { DeadLetterConfig: { TargetArn: configuration.deadLetterArn } }),
  };
}

/** The SDK lists the runtimes that it knows; ours are two of them. */
function runtimeOf(runtime: string): sdk.Runtime {
  return runtime === "nodejs22.x" ? "nodejs22.x" : "nodejs24.x";
}
