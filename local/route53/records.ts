import type { Change, ResourceRecordSet } from "@aws-sdk/client-route-53";
import { AwsError } from "../wire/contract.ts";
import type { RecordSet, Zone } from "./model.ts";
import { routingConflict, routingOf, viewRouting } from "./routing.ts";

const CHANGES_A_REQUEST = 1_000;

/** A name as Route 53 keeps it: lower case, with a closing dot, `*` written as `\052`. */
export function normalName(name: string): string {
  const dotted = name.endsWith(".") ? name : `${name}.`;
  return dotted.toLowerCase().replace(/^\*\./, "\\052.");
}

/**
 * The records of a zone after a batch of changes: all of them, or none.
 * @throws AwsError `InvalidChangeBatch`, with a message for each change that cannot be made.
 */
export function applyChanges(zone: Zone, changes: readonly Change[]): RecordSet[] {
  if (changes.length > CHANGES_A_REQUEST)
    throw invalidBatch([`Number of records limit of ${CHANGES_A_REQUEST} exceeded.`]);
  const problems: string[] = [];
  let records = zone.records;
  for (const { Action: action, ResourceRecordSet: asked } of changes) {
    const record = toRecord(asked, action ?? "");
    const existing = findSame(records, record);
    const problem = check(zone, records, action, record);
    if (problem) problems.push(problem);
    const others = records.filter((each) => each !== existing);
    records = action === "DELETE" ? others : [...others, record];
  }
  if (problems.length > 0) throw invalidBatch(problems);
  return records.toSorted(inOrder);
}

/** The record that a change of this one means: of its name, type and identifier. */
function findSame(records: readonly RecordSet[], { name, type, routing }: RecordSet): RecordSet | undefined {
  const group = records.filter((each) => each.name === name && each.type === type);
  return group.find((each) => each.routing?.identifier === routing?.identifier);
}

function check(
  zone: Zone,
  records: readonly RecordSet[],
  action: Change["Action"],
  record: RecordSet,
): string | undefined {
  const existing = findSame(records, record);
  const part = record.routing ? `, set-identifier='${record.routing.identifier}'` : "";
  const what = `resource record set [name='${record.name}', type='${record.type}'${part}]`;
  if (record.name !== zone.name && !record.name.endsWith(`.${zone.name}`)) {
    return `RRSet with DNS name ${record.name} is not permitted in zone ${zone.name}`;
  }
  if (action !== "DELETE") {
    const group = records.filter((each) => each.name === record.name && each.type === record.type && each !== existing);
    const problem =
      conflictOf(zone, record, records) ?? routingConflict(record, group) ?? aliasProblem(zone, record, records);
    if (problem) return problem;
  }
  if (action === "CREATE" && existing) return `Tried to create ${what} but it already exists`;
  if (action === "DELETE" && !existing) return `Tried to delete ${what} but it was not found`;
  if (action === "DELETE" && JSON.stringify(record) !== JSON.stringify(existing)) {
    return `Tried to delete ${what} but the values provided do not match the current values`;
  }
  if (action === "DELETE" && record.name === zone.name && (record.type === "NS" || record.type === "SOA")) {
    return `A HostedZone must contain at least one ${record.type} record for the zone itself.`;
  }
  return undefined;
}

/** A name that is an alias of another by CNAME has no other records ("Supported DNS record types", CNAME). */
function conflictOf(zone: Zone, { name, type }: RecordSet, records: readonly RecordSet[]): string | undefined {
  const what = `RRSet of type ${type} with DNS name ${name} is not permitted`;
  if (type === "CNAME" && name === zone.name) return `${what} at apex in zone ${zone.name}`;
  const others = records.filter((each) => each.name === name && each.type !== type);
  if (type === "CNAME" && others.length > 0) {
    return `${what} as it conflicts with other records with the same DNS name in zone ${zone.name}`;
  }
  if (others.some((each) => each.type === "CNAME")) {
    return `${what} because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`;
  }
  return undefined;
}

/** An alias of a record leads to one of its own zone, which is there already (ChangeResourceRecordSets, AliasTarget). */
function aliasProblem(zone: Zone, { name, type, alias }: RecordSet, records: readonly RecordSet[]): string | undefined {
  if (alias?.hostedZoneId !== zone.id) return undefined;
  if (records.some((each) => each.name === alias.dnsName && each.type === type && each.name !== name)) return undefined;
  return `Tried to create an alias that targets ${alias.dnsName}, type ${type} in zone ${zone.id}, but that target was not found`;
}

/** @throws AwsError `InvalidInput` for a set that is neither an alias nor has values and a TTL, or of no one policy. */
function toRecord(asked: ResourceRecordSet | undefined, action: string): RecordSet {
  if (!asked?.Name || !asked.Type) throw invalidInput("A resource record set needs a name and a type.");
  const routing = routingOf(asked, action);
  const base = {
    name: normalName(asked.Name),
    type: asked.Type,
    ...(routing && { routing }),
    ...(asked.HealthCheckId !== undefined && { healthCheckId: asked.HealthCheckId }),
  };
  const { AliasTarget: target, TTL: ttl, ResourceRecords: values = [] } = asked;
  if (target) {
    const alias = {
      hostedZoneId: target.HostedZoneId ?? "",
      dnsName: normalName(target.DNSName ?? ""),
      evaluateTargetHealth: target.EvaluateTargetHealth ?? false,
    };
    return { ...base, values: [], alias };
  }
  if (ttl === undefined || values.length === 0) {
    throw invalidInput(
      "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none",
    );
  }
  return { ...base, ttl, values: values.map(({ Value = "" }) => Value) };
}

type Position = Pick<RecordSet, "name" | "type"> & { readonly routing?: { readonly identifier: string } };

/** Route 53 sorts by the labels from the last to the first, then by type, then by identifier. */
export function inOrder(a: Position, b: Position): number {
  const reversed = (name: string) => name.split(".").toReversed().join(".");
  return (
    reversed(a.name).localeCompare(reversed(b.name)) ||
    a.type.localeCompare(b.type) ||
    (a.routing?.identifier ?? "").localeCompare(b.routing?.identifier ?? "")
  );
}

export function viewRecord(record: RecordSet): ResourceRecordSet {
  const { alias, routing, healthCheckId } = record;
  const base = {
    Name: record.name,
    Type: record.type,
    ...(routing && viewRouting(routing)),
    ...(healthCheckId !== undefined && { HealthCheckId: healthCheckId }),
  };
  if (!alias) {
    return {
      ...base,
      TTL: record.ttl,
      ResourceRecords: record.values.map((Value) => ({ Value })),
    };
  }
  return {
    ...base,
    AliasTarget: {
      HostedZoneId: alias.hostedZoneId,
      DNSName: alias.dnsName,
      EvaluateTargetHealth: alias.evaluateTargetHealth,
    },
  };
}

function invalidBatch(messages: string[]): AwsError {
  return new AwsError("InvalidChangeBatch", `[${messages.join(", ")}]`, { fields: { messages } });
}

function invalidInput(message: string): AwsError {
  return new AwsError("InvalidInput", message);
}
