import type { ClusterView } from "../../functions/domain/api/views.ts";
import type { EtcdEndpoints } from "./consistency/endpoints.ts";
import { memberOf, type Scenario } from "./scenario.ts";

/** Volumes and instances of these members are permanently lost. */
export async function losePermanently(
  { cloud }: Scenario,
  cluster: ClusterView,
  ...members: readonly string[]
): Promise<void> {
  for (const name of members) {
    const { volumeId, instanceId } = memberOf(cluster, name);
    await cloud.faults.begin({ kind: "volume", action: "lose", volumeId });
    await cloud.faults.begin({ kind: "host", action: "terminate", instanceId });
  }
}

/** Id of the etcd cluster that a member serves, as it says itself. */
export async function clusterIdOf(endpoints: EtcdEndpoints, member: string): Promise<string> {
  const client = endpoints.connect(member);
  try {
    return (await client.status(5_000)).header.cluster_id;
  } finally {
    client.close();
  }
}
