import { ec2 } from "../aws/ec2/client.ts";
import { findForeign } from "../aws/ec2/foreign.ts";
import { listKeptSnapshots } from "../aws/ec2/snapshots.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import type { DeletionView } from "../domain/api/views.ts";
import { ownerOf } from "../domain/cluster/records.ts";
import { afterRemoval, evaluateObstacles } from "../domain/deletion/blockers.ts";
import { keptBy } from "../domain/deletion/deletion.ts";
import { owningClusterOf } from "../domain/ownership/known-resources.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findCluster } from "../store/clusters.ts";
import { listMembers } from "../store/members.ts";
import { clusterResourcesCalls, listClusterResources } from "../usecases/deletion/cluster-resources.ts";
import { lostClusterCalls, recoverCluster } from "../usecases/deletion/lost-cluster.ts";
import { vpcsOf } from "../usecases/deletion/own-vpcs.ts";

const deps = { ...system, aws: { ...lostClusterCalls, ...clusterResourcesCalls } };

const env = readEnv({ AWS_REGION: NonEmpty });

/**
 * `GET /clusters/{name}/resources`: what a deletion would remove, what it would keep, and what would stop it. Changes
 * nothing.
 */
export const handler = apiHandler(REQUESTS.listResources, async ({ path: { name } }) => {
  const known = await findCluster(table, name);
  const cluster =
    known && known.status !== "DELETED"
      ? known
      : await recoverCluster(deps, { name, region: env.AWS_REGION, known }, new Date());
  const members = await listMembers(table, name);
  const owningCluster = owningClusterOf(cluster, members);
  const [{ removed, refused }, foreign, snapshots] = await Promise.all([
    listClusterResources(deps, cluster, members),
    vpcsOf(deps, owningCluster).then((vpcs) => findForeign(ec2, owningCluster, vpcs)),
    listKeptSnapshots(ec2, ownerOf(cluster)),
  ]);
  const left = afterRemoval(foreign, new Set(removed.map(({ id }) => id)));
  const body: DeletionView = {
    cluster: name,
    uid: cluster.uid,
    removed: removed.map(({ kind, id, name: role }) => ({ kind, id, name: role })),
    kept: keptBy(cluster, refused, snapshots),
    blockers: evaluateObstacles(left).blockers,
  };
  return { status: 200, body };
});
