import type { SubnetPlan } from "../plan/plan-types.ts";
import { NotReadyYet } from "./errors.ts";
import type { ClusterRecord, EndpointRecord, NetworkRecord } from "./records.ts";

/** The network that an earlier step recorded. */
export function networkOf(cluster: ClusterRecord): NetworkRecord {
  if (!cluster.network) throw new NotReadyYet(`the network of ${cluster.name} is not recorded yet`);
  return cluster.network;
}

/** The API endpoint that an earlier step recorded. */
export function endpointOf(cluster: ClusterRecord): EndpointRecord {
  if (!cluster.endpoint) throw new NotReadyYet(`the endpoint of ${cluster.name} is not recorded yet`);
  return cluster.endpoint;
}

export function subnetIdOf(cluster: ClusterRecord, name: string): string {
  const id = networkOf(cluster).subnets[name];
  if (id === undefined) throw new NotReadyYet(`subnet ${name} of ${cluster.name} is not recorded yet`);
  return id;
}

export function subnetIdsOf(cluster: ClusterRecord, subnets: readonly SubnetPlan[]): string[] {
  return subnets.map(({ name }) => subnetIdOf(cluster, name));
}
