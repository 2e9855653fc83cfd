import { route53 } from "../../aws/route53/client.ts";
import { findAddressRecord, findHostedZones } from "../../aws/route53/route53.ts";
import { apiName } from "../../domain/cluster/naming.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const findApiRecordCalls = bind(route53, { findHostedZones, findAddressRecord });

/**
 * The API's name in DNS, and whether it is the cluster's. The zone is on record; where the record was lost, it is one
 * of those that the cluster's name may lie in.
 */
export async function findApiRecord(deps: Deps<typeof findApiRecordCalls>, cluster: ClusterRecord) {
  const name = apiName(cluster.name);
  const labels = cluster.name.split(".");
  const zones =
    cluster.hostedZoneId === undefined
      ? (await Promise.all(labels.map((_, index) => deps.aws.findHostedZones(labels.slice(index).join("."))))).flat()
      : [cluster.hostedZoneId];
  const owningCluster = owningClusterOf(cluster);
  const found = [];
  for (const zone of zones) {
    const record = await deps.aws.findAddressRecord(zone, name);
    if (!record) continue;
    const target = record.AliasTarget?.DNSName ?? "";
    found.push({ zone, record, decision: Owned.decideRecord(owningCluster, { name, target }) });
  }
  return found.find(({ decision }) => decision instanceof Owned) ?? found[0];
}
