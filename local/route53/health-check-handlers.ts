import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type * as route53 from "@aws-sdk/client-route-53";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { completeConfig } from "./health-check-config.ts";
import type { HealthCheck, Route53State } from "./model.ts";

/** "Health checks: 200 active health checks per AWS account" (docs/references/aws.md#route53). */
const MAX_HEALTH_CHECKS = 200;
/** Where checkers are if a check does not name its own (HealthCheckConfig, Regions). */
const CHECKER_REGIONS = [
  "us-east-1",
  "us-west-1",
  "us-west-2",
  "eu-west-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "sa-east-1",
] as const;

export function healthCheckHandlers(state: Route53State): Handlers<typeof route53> {
  const checkOf = (input: { HealthCheckId: string | undefined }) => getHealthCheck(state, input.HealthCheckId);
  return {
    CreateHealthCheck: (input) => {
      const check = createHealthCheck(state, input);
      return { HealthCheck: view(check), Location: `https://route53.amazonaws.com/2013-04-01/healthcheck/${check.id}` };
    },
    GetHealthCheck: (input) => ({ HealthCheck: view(checkOf(input)) }),
    GetHealthCheckCount: () => ({ HealthCheckCount: Object.keys(state.healthChecks).length }),
    ListHealthChecks: (input) => {
      const limit = Math.min(input.MaxItems ?? 100, 100);
      const all = Object.values(state.healthChecks).toSorted((a, b) => a.id.localeCompare(b.id));
      const page = paginate(all, { limit, token: input.Marker, tokenError: "InvalidInput" });
      return {
        HealthChecks: page.items.map(view),
        Marker: input.Marker ?? "",
        IsTruncated: page.nextToken !== undefined,
        NextMarker: page.nextToken,
        MaxItems: limit,
      };
    },
    UpdateHealthCheck: (input) => ({ HealthCheck: view(update(checkOf(input), input)) }),
    DeleteHealthCheck: (input) => {
      const check = checkOf(input);
      delete state.healthChecks[check.id];
      state.usedReferences.push(check.callerReference);
      return {};
    },
    GetHealthCheckStatus: (input) => {
      const check = checkOf(input);
      return { HealthCheckObservations: observations(check, check.latest) };
    },
    GetHealthCheckLastFailureReason: (input) => {
      const check = checkOf(input);
      return { HealthCheckObservations: observations(check, check.failure) };
    },
  };
}

/** @throws AwsError `NoSuchHealthCheck`. */
export function getHealthCheck(state: Route53State, id: string | undefined): HealthCheck {
  const check = state.healthChecks[required(id, "HealthCheckId", "InvalidInput")];
  if (check) return check;
  throw new AwsError("NoSuchHealthCheck", `No health check exists with the specified ID ${id}.`, { status: 404 });
}

/**
 * The same reference and configuration again give the check that there is.
 * @throws AwsError `HealthCheckAlreadyExists`, also for the reference of a deleted check; `TooManyHealthChecks`.
 */
function createHealthCheck(state: Route53State, input: route53.CreateHealthCheckRequest): HealthCheck {
  const callerReference = required(input.CallerReference, "CallerReference", "InvalidInput");
  const config = completeConfig(required(input.HealthCheckConfig, "HealthCheckConfig", "InvalidInput"));
  const existing = Object.values(state.healthChecks).find((check) => check.callerReference === callerReference);
  if (existing && isDeepStrictEqual(existing.config, config)) return existing;
  if (existing || state.usedReferences.includes(callerReference)) {
    throw new AwsError(
      "HealthCheckAlreadyExists",
      "A health check with the specified caller reference already exists, or existed before it was deleted.",
      { status: 409 },
    );
  }
  if (Object.keys(state.healthChecks).length >= MAX_HEALTH_CHECKS) {
    throw new AwsError("TooManyHealthChecks", "The maximum number of active health checks has been reached.");
  }
  const check = { id: randomUUID(), callerReference, config, version: 1, tags: {}, healthy: true, streak: 0 };
  state.healthChecks[check.id] = check;
  return check;
}

function update(check: HealthCheck, input: route53.UpdateHealthCheckRequest): HealthCheck {
  const { HealthCheckId: _id, HealthCheckVersion: version, ResetElements: reset = [], ...changes } = input;
  if (version !== undefined && version !== check.version) {
    throw new AwsError(
      "HealthCheckVersionMismatch",
      `The value of HealthCheckVersion in the request doesn't match the value of HealthCheckVersion in the health check.`,
      { status: 409 },
    );
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const kept = Object.fromEntries(
    Object.entries(check.config).filter(([name]) => !reset.some((element) => element === name)),
  );
  check.config = completeConfig({ ...kept, Type: check.config.Type, ...given });
  check.version += 1;
  check.streak = 0;
  return check;
}

function view({ id, callerReference, config, version }: HealthCheck): route53.HealthCheck {
  return { Id: id, CallerReference: callerReference, HealthCheckConfig: { ...config }, HealthCheckVersion: version };
}

function observations(
  { config }: HealthCheck,
  result: { readonly text: string; readonly at: number } | undefined,
): route53.HealthCheckObservation[] {
  if (!result) return [];
  return (config.Regions ?? CHECKER_REGIONS).map((Region, index) => ({
    Region,
    IPAddress: `15.177.${index}.1`,
    StatusReport: { Status: result.text, CheckedTime: new Date(result.at) },
  }));
}
