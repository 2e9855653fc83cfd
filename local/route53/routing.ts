import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { AwsError } from "../wire/contract.ts";
import type { RecordSet, Routing } from "./model.ts";

const POLICIES = [
  "Weight",
  "Region",
  "Failover",
  "GeoLocation",
  "MultiValueAnswer",
  "GeoProximityLocation",
  "CidrRoutingConfig",
] as const;

/**
 * The part of a record in its group.
 * @throws AwsError `InvalidInput` for a policy without an identifier, an identifier without one, and several policies.
 */
export function routingOf(asked: ResourceRecordSet, action: string): Routing | undefined {
  const given = POLICIES.filter((policy) => asked[policy] !== undefined);
  const where = `in Change with [Action=${action}, Name=${asked.Name}, Type=${asked.Type}, SetIdentifier=${asked.SetIdentifier ?? "null"}]`;
  if (asked.SetIdentifier === undefined) {
    if (given.length === 0) return undefined;
    throw invalid(`Invalid request: Missing field 'SetIdentifier' ${where}`);
  }
  if (given.length !== 1) {
    const found = given.length === 0 ? "none" : "more than one";
    throw invalid(`Invalid request: Expected exactly one of [${POLICIES.join(", ")}], but found ${found} ${where}`);
  }
  const identifier = asked.SetIdentifier;
  if (asked.Weight !== undefined) return { identifier, policy: "weighted", weight: asked.Weight };
  if (asked.Region !== undefined) return { identifier, policy: "latency", region: asked.Region };
  if (asked.Failover !== undefined) return { identifier, policy: "failover", role: asked.Failover };
  throw invalid(`Records with ${given[0]} are not supported by this local cloud.`);
}

/**
 * Why a record cannot stand beside the others of its name and type. The words for weighted records and for simple ones
 * are AWS's (docs/references/aws.md#route53-routing); those for the other policies follow them.
 */
export function routingConflict(record: RecordSet, group: readonly RecordSet[]): string | undefined {
  const { name, type, routing, alias, healthCheckId } = record;
  const what = `RRSet with DNS name ${name}, type ${type}`;
  if (!routing) {
    return group.some((each) => each.routing)
      ? `${what} cannot be created as other RRSets exist with the same name and type.`
      : undefined;
  }
  const cannot = `${what}, SetIdentifier ${routing.identifier} cannot be created as`;
  if (group.some((each) => each.routing?.policy !== routing.policy)) {
    return `${cannot} a non-${routing.policy} set exists with the same name and type.`;
  }
  if (routing.policy === "weighted" && group.some(({ ttl }) => ttl !== record.ttl)) {
    return `${cannot} weighted sets must contain the same TTL.`;
  }
  if (routing.policy === "failover" && routing.role === "PRIMARY" && !alias && healthCheckId === undefined) {
    return "A non-alias primary ResourceRecordSet must have an associated health check. No changes made.";
  }
  const twin = group.find((each) => each.routing && isSamePart(each.routing, routing));
  if (!twin) return undefined;
  const part = routing.policy === "failover" ? `${routing.role.toLowerCase()} set` : `set of that Region`;
  return `${cannot} another ${part} exists with the same name and type.`;
}

/** A group has one primary, one secondary, and one record a Region. */
function isSamePart(one: Routing, other: Routing): boolean {
  if (one.policy === "failover" && other.policy === "failover") return one.role === other.role;
  return one.policy === "latency" && other.policy === "latency" && one.region === other.region;
}

export function viewRouting(routing: Routing): Partial<ResourceRecordSet> {
  const { identifier: SetIdentifier } = routing;
  if (routing.policy === "weighted") return { SetIdentifier, Weight: routing.weight };
  if (routing.policy === "failover") return { SetIdentifier, Failover: routing.role };
  return { SetIdentifier, Region: routing.region };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidInput", message);
}
