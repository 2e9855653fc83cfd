import { StatesError } from "../errors.ts";

/**
 * Optimized integrations name errors `<Service>.<Code>`, and give what the service did not model the name of the Java SDK's
 * base class. Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
const OPTIMIZED = {
  lambda: { prefix: "Lambda", unmodelled: "AWSLambdaException" },
  states: { prefix: "StepFunctions", unmodelled: "AWSStepFunctionsException" },
  events: { prefix: "EventBridge", unmodelled: "AmazonCloudWatchEventsException" },
  dynamodb: { prefix: "DynamoDB", unmodelled: "AmazonDynamoDBException" },
};
export type OptimizedService = keyof typeof OPTIMIZED;

/** Codes that no service models: they reach a state machine under the name of the service's base exception. */
const UNMODELLED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "ValidationException",
  "ThrottlingException",
]);

/** SDK integrations are prefixed by the Java SDK's client name, which is not always the capitalised service id. */
const SDK_PREFIXES: Readonly<Record<string, string>> = {
  autoscaling: "AutoScaling",
  cloudwatch: "CloudWatch",
  dynamodb: "DynamoDb",
  elasticloadbalancingv2: "ElasticLoadBalancingV2",
  eventbridge: "EventBridge",
  route53: "Route53",
};

/** An error of an optimized integration, as Retry and Catch compare it: `Lambda.TooManyRequestsException`. */
export function optimizedError(service: OptimizedService, thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  const { name, message } = describe(thrown);
  const { prefix, unmodelled } = OPTIMIZED[service];
  const code = UNMODELLED.has(name) ? unmodelled : exceptionName(name);
  return new StatesError(`${prefix}.${code}`, `${message} (Service: ${prefix}; Error Code: ${name})`);
}

/**
 * An error of an `aws-sdk` integration: `Ssm.ParameterNotFoundException`. EC2 models no errors at all, so all of its are
 * `Ec2.Ec2Exception`. Source: https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export function sdkError(service: string, thrown: unknown): StatesError {
  if (thrown instanceof StatesError) return thrown;
  const { name, message } = describe(thrown);
  const prefix = SDK_PREFIXES[service] ?? service.charAt(0).toUpperCase() + service.slice(1);
  const code = service === "ec2" || UNMODELLED.has(name) ? `${prefix}Exception` : exceptionName(name);
  return new StatesError(`${prefix}.${code}`, `${message} (Service: ${prefix}, Error Code: ${name})`);
}

/** The Java SDK ends every exception's name in `Exception`. */
function exceptionName(code: string): string {
  if (code.endsWith("Exception")) return code;
  return `${code.endsWith("Fault") ? code.slice(0, -"Fault".length) : code}Exception`;
}

function describe(thrown: unknown): { name: string; message: string } {
  if (typeof thrown === "object" && thrown !== null && "name" in thrown && "message" in thrown) {
    return { name: String(thrown.name), message: String(thrown.message) };
  }
  return { name: "ServiceException", message: String(thrown) };
}
