/** How long a Task waits: for the call to be accepted, for the work to end, or for somebody to hand in the token. */
export type IntegrationPattern = "requestResponse" | "sync" | "sync:2" | "waitForTaskToken";

/** A Task's Resource ARN, taken apart. */
export type TaskResource =
  | { readonly kind: "function"; readonly functionArn: string }
  | {
      /** `optimized` integrations have a shape of their own; `sdk` ones are the plain API. */
      readonly kind: "optimized" | "sdk";
      readonly service: string;
      readonly action: string;
      readonly pattern: IntegrationPattern;
    };

const FUNCTION_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+(:[^:]+)?$/;
const INTEGRATION_ARN =
  /^arn:[^:]+:states:[^:]*:[^:]*:(?<sdk>aws-sdk:)?(?<service>[A-Za-z0-9]+):(?<action>[A-Za-z0-9]+)(?:\.(?<pattern>sync|sync:2|waitForTaskToken))?$/;

const OPTIMIZED: Readonly<Record<string, readonly IntegrationPattern[]>> = {
  "lambda:invoke": ["requestResponse", "waitForTaskToken"],
  "states:startExecution": ["requestResponse", "sync", "sync:2", "waitForTaskToken"],
  "events:putEvents": ["requestResponse", "waitForTaskToken"],
  "dynamodb:getItem": ["requestResponse"],
  "dynamodb:putItem": ["requestResponse"],
  "dynamodb:updateItem": ["requestResponse"],
  "dynamodb:deleteItem": ["requestResponse"],
};

/** Undefined when Step Functions has no such resource, or the local cloud does not emulate it. */
export function parseResource(arn: string): TaskResource | undefined {
  if (FUNCTION_ARN.test(arn)) return { kind: "function", functionArn: arn };
  const { sdk, service, action, pattern } = INTEGRATION_ARN.exec(arn)?.groups ?? {};
  if (service === undefined || action === undefined) return undefined;
  const kind = sdk === undefined ? "optimized" : "sdk";
  const resource = { kind, service, action, pattern: toPattern(pattern) } as const;
  const patterns = kind === "sdk" ? ["requestResponse", "waitForTaskToken"] : OPTIMIZED[`${service}:${action}`];
  return patterns?.includes(resource.pattern) ? resource : undefined;
}

function toPattern(suffix: string | undefined): IntegrationPattern {
  return suffix === "sync" || suffix === "sync:2" || suffix === "waitForTaskToken" ? suffix : "requestResponse";
}

/** The two names by which history events call a resource: type `lambda`, resource `invoke.waitForTaskToken`. */
export function historyNames(resource: TaskResource): { resourceType: string; resource: string } {
  if (resource.kind === "function") return { resourceType: "lambda", resource: resource.functionArn };
  const suffix = resource.pattern === "requestResponse" ? "" : `.${resource.pattern}`;
  const resourceType = resource.kind === "sdk" ? `aws-sdk:${resource.service}` : resource.service;
  return { resourceType, resource: `${resource.action}${suffix}` };
}
