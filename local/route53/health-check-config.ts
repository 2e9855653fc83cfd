import { isIP } from "node:net";
import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import { AwsError } from "../wire/contract.ts";
import type { HealthCheck } from "./model.ts";

const TEXT_MATCH = ["HTTP_STR_MATCH", "HTTPS_STR_MATCH"];
const OF_ENDPOINTS = ["HTTP", "HTTPS", "TCP", ...TEXT_MATCH];
/** Members that only checks of an alarm, of other checks or of a routing control have. */
const NOT_OF_ENDPOINTS = {
  AlarmIdentifier: "a metric region",
  InsufficientDataHealthStatus: "an insufficient data health state",
  HealthThreshold: "a health threshold",
  ChildHealthChecks: "child health checks",
  RoutingControlArn: "a routing control",
} as const;

/**
 * A configuration as Route 53 keeps it, with its defaults.
 * @throws AwsError `InvalidInput` (docs/references/aws.md#route53-health-checks).
 */
export function completeConfig(asked: HealthCheckConfig): HealthCheck["config"] {
  const type = asked.Type;
  if (type === undefined || !OF_ENDPOINTS.includes(type)) {
    throw invalid(`Health checks of type ${type} are not supported by this local cloud.`);
  }
  checkEndpoint(asked);
  const isTls = type.startsWith("HTTPS");
  const port = asked.Port ?? (type === "TCP" ? undefined : isTls ? 443 : 80);
  return {
    ...asked,
    Type: type,
    RequestInterval: asked.RequestInterval ?? 30,
    FailureThreshold: asked.FailureThreshold ?? 3,
    MeasureLatency: asked.MeasureLatency ?? false,
    Inverted: asked.Inverted ?? false,
    Disabled: asked.Disabled ?? false,
    EnableSNI: asked.EnableSNI ?? isTls,
    ...(port !== undefined && { Port: port }),
  };
}

function checkEndpoint(asked: HealthCheckConfig): void {
  for (const [member, what] of Object.entries(NOT_OF_ENDPOINTS)) {
    const value: unknown = Reflect.get(asked, member);
    if (value !== undefined) throw parameter(`Basic health checks must not have ${what} specified.`);
  }
  const { Type: type = "", IPAddress: address, FullyQualifiedDomainName: name, RequestInterval: interval = 30 } = asked;
  if (address === undefined && name === undefined) {
    throw parameter("Basic health checks must have an IP address or a fully qualified domain name specified.");
  }
  if (type === "TCP" && address !== undefined && name !== undefined) {
    throw invalid("TCP health checks that have IP address must not have a fully qualified domain name specified.");
  }
  if (type === "TCP" && asked.Port === undefined) throw parameter("TCP health checks must have a port specified.");
  if (type === "TCP" && asked.ResourcePath !== undefined) {
    throw parameter("TCP health checks must not have a resource path specified.");
  }
  if (TEXT_MATCH.includes(type) !== (asked.SearchString ?? "") > "") {
    throw parameter(
      `${type} health checks must${TEXT_MATCH.includes(type) ? "" : " not"} have a search string specified.`,
    );
  }
  if (interval !== 10 && interval !== 30) throw parameter("Request interval must be 10 or 30.");
  if (address !== undefined && !isPublic(address)) {
    throw parameter(`${address} is not a public IP address that health checkers can reach.`);
  }
}

/** Health checkers are on the internet: not local, private, link-local or multicast addresses (CreateHealthCheck, IPAddress). */
function isPublic(address: string): boolean {
  if (isIP(address) !== 4) return isIP(address) === 6 && !/^(::1?$|f[cde]|ff)/i.test(address);
  const [a = 0, b = 0] = address.split(".").map(Number);
  const isShared = a === 100 && b >= 64 && b < 128;
  const isPrivate = a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || isShared;
  return !isPrivate && a !== 0 && a !== 127 && !(a === 169 && b === 254) && a < 224;
}

function parameter(message: string): AwsError {
  return invalid(`Invalid parameter : ${message}`);
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidInput", message);
}
