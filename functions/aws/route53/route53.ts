import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  type Route53Client,
} from "@aws-sdk/client-route-53";
import type { Owner } from "../../domain/cluster/naming.ts";
import { requireOwn } from "../../domain/ownership/adoption.ts";
import { LEADING, leadsTo, type NameRecord, recordText } from "../../domain/ownership/name-conflicts.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, ignoring, toDomainError } from "../common/aws-errors.ts";

/** Ids of the hosted zones of exactly this name. */
export async function findHostedZones(route53: Route53Client, name: string): Promise<string[]> {
  const { HostedZones = [] } = await call(route53.send(new ListHostedZonesByNameCommand({ DNSName: name })));
  return HostedZones.filter((zone) => zone.Name === `${name}.`).map(({ Id = "" }) => Id.replace("/hostedzone/", ""));
}

/** Records of exactly this name, of all types; undefined if there is no such zone. */
export async function findRecords(
  route53: Route53Client,
  HostedZoneId: string,
  name: string,
): Promise<NameRecord[] | undefined> {
  const answer = await ignoring(
    ["NoSuchHostedZone"],
    route53.send(new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name, MaxItems: 100 })),
  );
  return answer?.ResourceRecordSets?.filter((record) => record.Name === `${name}.`).map(
    ({ Type = "", ResourceRecords = [], AliasTarget }) => ({
      type: Type,
      alias: AliasTarget !== undefined,
      values: AliasTarget
        ? [(AliasTarget.DNSName ?? "").replace(/\.$/, "")]
        : ResourceRecords.map(({ Value = "" }) => Value),
    }),
  );
}

export interface AliasRequest {
  readonly hostedZoneId: string;
  readonly name: string;
  /** The load balancer: its own name, the name that AWS gave it in DNS, and the zone of that. */
  readonly target: { readonly balancer: string; readonly dnsName: string; readonly hostedZoneId: string };
}

/** `api.CLUSTER` as an alias of the cluster's load balancer. Throws OwnershipConflict if the name leads elsewhere already. */
export async function ensureAlias(
  route53: Route53Client,
  owner: Owner,
  { hostedZoneId, name, target }: AliasRequest,
): Promise<void> {
  const change = (Action: "CREATE" | "UPSERT") => {
    const AliasTarget = { DNSName: target.dnsName, HostedZoneId: target.hostedZoneId, EvaluateTargetHealth: false };
    const Changes = [{ Action, ResourceRecordSet: { Name: name, Type: "A" as const, AliasTarget } }];
    return new ChangeResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, ChangeBatch: { Changes } });
  };
  try {
    await route53.send(change("CREATE"));
  } catch (error) {
    const isTaken = error instanceof Error && error.name === "InvalidChangeBatch";
    const records = isTaken ? await findRecords(route53, hostedZoneId, name) : undefined;
    const found = (records ?? []).filter(({ type }) => LEADING.has(type));
    if (found.length === 0) throw toDomainError(error);
    const others = found.filter((record) => !leadsTo(record, target.balancer));
    requireOwn(
      `the name ${name}`,
      owner,
      others.map((record) => `it is ${recordText(record)}`),
    );
    // Ours, of a balancer that was made again since: names of balancers are the cluster's, what AWS puts behind them is not.
    await call(route53.send(change("UPSERT")));
  }
}

/** The address record of that name, if there is one. */
export async function findAddressRecord(
  route53: Route53Client,
  HostedZoneId: string,
  name: string,
): Promise<ResourceRecordSet | undefined> {
  const answer = await ignoring(
    ["NoSuchHostedZone"],
    route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name, StartRecordType: "A", MaxItems: 1 }),
    ),
  );
  const [record] = answer?.ResourceRecordSets ?? [];
  return record?.Name === `${name}.` && record.Type === "A" ? record : undefined;
}

/** Deletes a record as it was read; one that was changed or deleted meanwhile is left as it is. */
export async function deleteRecord(
  route53: Route53Client,
  { id }: Owned<"dns-record">,
  HostedZoneId: string,
  record: ResourceRecordSet,
): Promise<void> {
  const Changes = [{ Action: "DELETE" as const, ResourceRecordSet: { ...record, Name: id } }];
  await ignoring(
    ["InvalidChangeBatch", "NoSuchHostedZone"],
    route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } })),
  );
}
