import { randomBytes } from "node:crypto";
import type * as route53 from "@aws-sdk/client-route-53";
import { required } from "../context/input.ts";
import { AwsError } from "../wire/contract.ts";
import type { Route53State, Zone } from "./model.ts";
import { inOrder, normalName } from "./records.ts";

export const NAME_SERVERS = ["ns-1.awsdns-01.com", "ns-2.awsdns-02.net", "ns-3.awsdns-03.org", "ns-4.awsdns-04.co.uk"];

/** Ids as Route 53 makes them: `Z` or `C` and capitals and digits. */
export function newId(letter: "Z" | "C"): string {
  return `${letter}${randomBytes(10).toString("hex").toUpperCase()}`;
}

/** @throws AwsError `NoSuchHostedZone`. */
export function getZone(state: Route53State, id: string | undefined): Zone {
  const bare = required(id, "Id", "InvalidInput").replace(/^\/?hostedzone\//, "");
  const zone = state.zones[bare];
  if (!zone) throw new AwsError("NoSuchHostedZone", `No hosted zone found with ID: ${bare}`, { status: 404 });
  return zone;
}

/** @throws AwsError `HostedZoneAlreadyExists` for a caller reference that was used before. */
export function createZone(state: Route53State, input: route53.CreateHostedZoneRequest): Zone {
  const callerReference = required(input.CallerReference, "CallerReference", "InvalidInput");
  const name = normalName(required(input.Name, "Name", "InvalidInput"));
  if (!/^([a-z0-9_-]{1,63}\.)+$/.test(name))
    throw new AwsError("InvalidDomainName", `${name} is not a valid domain name`);
  if (Object.values(state.zones).some((zone) => zone.callerReference === callerReference)) {
    throw new AwsError(
      "HostedZoneAlreadyExists",
      "A hosted zone has already been created with the specified caller reference.",
      { status: 409 },
    );
  }
  const zone: Zone = {
    id: newId("Z"),
    name,
    callerReference,
    comment: input.HostedZoneConfig?.Comment ?? "",
    vpcs: input.VPC ? [input.VPC] : [],
    tags: {},
    records: [
      { name, type: "NS" as const, ttl: 172_800, values: NAME_SERVERS.map((server) => `${server}.`) },
      {
        name,
        type: "SOA" as const,
        ttl: 900,
        values: [`${NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
      },
    ].toSorted(inOrder),
  };
  state.zones[zone.id] = zone;
  return zone;
}

/** @throws AwsError `HostedZoneNotEmpty` while it has records of its owner. */
export function deleteZone(state: Route53State, zone: Zone): void {
  if (zone.records.length > 2) {
    throw new AwsError(
      "HostedZoneNotEmpty",
      "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
    );
  }
  delete state.zones[zone.id];
}

export function viewZone(zone: Zone): route53.HostedZone {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { Comment: zone.comment, PrivateZone: zone.vpcs.length > 0 },
    ResourceRecordSetCount: zone.records.length,
  };
}

/** Private zones have no delegation. */
export function viewDelegation(zone: Zone): route53.DelegationSet | undefined {
  return zone.vpcs.length > 0 ? undefined : { NameServers: NAME_SERVERS };
}
