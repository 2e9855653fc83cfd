import {
  type Change,
  ChangeResourceRecordSetsCommand,
  ListResourceRecordSetsCommand,
  paginateListHostedZones,
  type ResourceRecordSet,
  type ResourceRecordSetRegion,
  type Route53Client,
} from "@aws-sdk/client-route-53";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { changesBetween, type RecordSet } from "../../domain/traffic/record-sets.ts";
import { call, collect, ignoring } from "../common/aws-errors.ts";

/** Where the records of one name are, and the id by which ours are known. */
export interface TrafficName {
  readonly id: string;
  readonly hostedZoneId: string;
  readonly host: string;
}

interface OwnRecord {
  readonly owned: Owned<"dns-record">;
  readonly record: ResourceRecordSet;
}

/** Public hosted zones by their names, without the dot at the end. Of two with one name, the first. */
export async function listPublicZones(route53: Route53Client): Promise<Map<string, string>> {
  const zones = await collect(paginateListHostedZones({ client: route53 }, {}), ({ HostedZones }) => HostedZones);
  const found = new Map<string, string>();
  for (const { Name = "", Id = "", Config } of zones) {
    const name = Name.replace(/\.$/, "");
    if (!Config?.PrivateZone && !found.has(name)) found.set(name, Id.replace("/hostedzone/", ""));
  }
  return found;
}

/**
 * Brings our records of a name to what is wanted, in one batch that happens at once; with none wanted, they are gone.
 * Throws OwnershipConflict if others have records of that name. A zone that is gone has no records.
 */
export async function changeTrafficRecords(
  route53: Route53Client,
  name: TrafficName,
  wanted: readonly RecordSet[],
): Promise<void> {
  const { own, foreign } = await readRecords(route53, name);
  if (wanted.length > 0 && foreign.length > 0) {
    const types = foreign.map(({ Type, SetIdentifier }) => `${Type}${SetIdentifier ? ` ${SetIdentifier}` : ""}`);
    throw new OwnershipConflict(
      `${name.host} has records that are not this fleet's: ${types.join(", ")}. Delete them, or choose another name.`,
    );
  }
  const current = new Map(own.map((each) => [each.record.SetIdentifier ?? "", each]));
  const former = own.map(({ record }) => fromRecord(record));
  const changes = changesBetween(former, wanted).flatMap(({ action, record }): Change[] => {
    if (action !== "DELETE") return [{ Action: action, ResourceRecordSet: toRecord(name.host, record) }];
    const deleted = current.get(record.identifier);
    return deleted ? [deletionOf(deleted.owned, deleted.record)] : [];
  });
  if (changes.length === 0) return;
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: name.hostedZoneId,
    ChangeBatch: { Changes: changes },
  });
  if (wanted.length === 0) await ignoring(["NoSuchHostedZone"], route53.send(command));
  else await call(route53.send(command));
}

/** A record is deleted only by all that it has now. */
function deletionOf({ id }: Owned<"dns-record">, record: ResourceRecordSet): Change {
  return { Action: "DELETE" as const, ResourceRecordSet: { ...record, Name: id } };
}

async function readRecords(route53: Route53Client, { id, hostedZoneId, host }: TrafficName) {
  const command = new ListResourceRecordSetsCommand({
    HostedZoneId: hostedZoneId,
    StartRecordName: host,
    MaxItems: 300,
  });
  const answer = await ignoring(["NoSuchHostedZone"], route53.send(command));
  const named = (answer?.ResourceRecordSets ?? []).filter(({ Name }) => Name === `${host}.`);
  // Mail and texts may stand beside addresses.
  const addresses = named.filter(({ Type }) => Type === "A" || Type === "AAAA" || Type === "CNAME");
  const own = addresses.flatMap((record): OwnRecord[] => {
    const decided = Owned.decideTrafficRecord({ id }, { name: host, identifier: record.SetIdentifier ?? "" });
    return decided instanceof Owned ? [{ owned: decided, record }] : [];
  });
  return { own, foreign: addresses.filter((record) => !own.some((each) => each.record === record)) };
}

function toRecord(host: string, { identifier, routing, healthCheckId, ttl, target }: RecordSet): ResourceRecordSet {
  const base: Omit<ResourceRecordSet, "Type"> = {
    Name: host,
    SetIdentifier: identifier,
    ...(routing.policy === "weighted" && { Weight: routing.weight }),
    // The model lists the Regions that there were when it was made.
    ...(routing.policy === "latency" && { Region: routing.region as ResourceRecordSetRegion }),
    ...(routing.policy === "failover" && { Failover: routing.role }),
    ...(healthCheckId !== null && { HealthCheckId: healthCheckId }),
  };
  if (ttl !== null) return { ...base, Type: "CNAME", TTL: ttl, ResourceRecords: [{ Value: target.dnsName }] };
  const AliasTarget = {
    DNSName: target.dnsName,
    HostedZoneId: target.hostedZoneId ?? "",
    EvaluateTargetHealth: true,
  };
  return { ...base, Type: "A", AliasTarget };
}

function fromRecord(record: ResourceRecordSet): RecordSet {
  const { SetIdentifier = "", Weight, Region, Failover, HealthCheckId, TTL, AliasTarget, ResourceRecords } = record;
  const value = AliasTarget?.DNSName ?? ResourceRecords?.[0]?.Value ?? "";
  return {
    identifier: SetIdentifier,
    routing: routingOf(Weight, Region, Failover),
    healthCheckId: HealthCheckId ?? null,
    ttl: TTL ?? null,
    target: { dnsName: value.replace(/\.$/, ""), hostedZoneId: AliasTarget?.HostedZoneId ?? null },
  };
}

function routingOf(
  weight: number | undefined,
  region: string | undefined,
  role: "PRIMARY" | "SECONDARY" | undefined,
): RecordSet["routing"] {
  if (weight !== undefined) return { policy: "weighted", weight };
  return region === undefined ? { policy: "failover", role: role ?? "SECONDARY" } : { policy: "latency", region };
}
