import { judgeObstacles } from "../domain/blockers.ts";
import { REQUESTS } from "../domain/contract/requests.ts";
import { keptBy } from "../domain/deletion.ts";
import { ownerOf } from "../domain/records.ts";
import type { DeletionView } from "../domain/views.ts";
import { findForeign } from "../gateways/ec2/foreign.ts";
import { findCluster } from "../gateways/table/clusters.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { table } from "../runtime/table.ts";
import { recoverCluster } from "../usecases/lost-cluster.ts";
import { findWorkloads, surveyCluster, vpcsOf } from "../usecases/survey.ts";

const env = readEnv({ AWS_REGION: NonEmpty });

/** `GET /clusters/{name}/resources`: what a deletion would remove, what it would keep, and what would stop it. Changes nothing. */
export const handler = apiHandler(REQUESTS.listResources, async ({ path: { name } }) => {
  const known = await findCluster(table, name);
  const cluster =
    known && known.status !== "DELETED" ? known : await recoverCluster(name, env.AWS_REGION, known, new Date());
  const owner = ownerOf(cluster);
  const [found, made, foreign] = await Promise.all([
    surveyCluster(cluster),
    findWorkloads(owner),
    vpcsOf(owner).then((vpcIds) => findForeign(owner.uid, vpcIds)),
  ]);
  // Kubernetes' own groups go before the network does.
  const things = foreign.things.filter(({ id }) => !made.some((resource) => resource.id === id));
  const body: DeletionView = {
    cluster: name,
    uid: cluster.uid,
    removed: found.map(({ kind, id, name: role }) => ({ kind, id, name: role })),
    kept: keptBy(cluster),
    blockers: judgeObstacles({ ...foreign, things }).blockers,
  };
  return { status: 200, body };
});
