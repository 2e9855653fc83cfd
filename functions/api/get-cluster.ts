import { REQUESTS } from "../domain/api/requests.ts";
import type { ClusterRecord } from "../domain/cluster/records.ts";
import type { MemberAnswer } from "../domain/repair/quorum.ts";
import { specTag } from "../domain/spec/spec-tag.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { countAgainst } from "../runtime/request-rate.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { getCluster, recordObservation } from "../store/clusters.ts";
import { listMembers } from "../store/members.ts";
import { checkDriftCalls, checkDriftOf } from "../usecases/drift/check-drift.ts";
import { observeCalls, observeNodes, observeQuorum } from "../usecases/members/observe.ts";
import { toClusterView } from "../usecases/operations/views.ts";

const deps = { ...system, aws: { ...checkDriftCalls, ...observeCalls } };

const env = readEnv({ MEMBER_HEALTH_DOCUMENT: NonEmpty, LIST_NODES_DOCUMENT: NonEmpty });

/**
 * `GET /clusters/{name}`: what is known. With `?fresh=true` etcd and Kubernetes are asked first, through the masters, and AWS
 * about what the cluster is made of; that takes a second or two, and changes nothing but what is known. The ETag is that of
 * the spec, for `If-Match` of a change.
 */
export const handler = apiHandler(REQUESTS.getCluster, async ({ path: { name }, query, caller }) => {
  if (query.fresh === "true") await countAgainst(caller, new Date());
  const answers = query.fresh === "true" ? await observe(name) : [];
  const [cluster, members] = await Promise.all([getCluster(table, name), listMembers(table, name)]);
  return { status: 200, headers: { etag: specTag(cluster) }, body: toClusterView(cluster, members, answers) };
});

async function observe(name: string): Promise<readonly MemberAnswer[]> {
  const cluster = await getCluster(table, name);
  const members = await listMembers(table, name);
  const [answers] = await Promise.all([observeHosts(cluster), checkDriftOf(deps, cluster, members, new Date())]);
  return answers;
}

async function observeHosts(cluster: ClusterRecord): Promise<readonly MemberAnswer[]> {
  const { name } = cluster;
  const { answers, members } = await observeQuorum(deps, cluster, env.MEMBER_HEALTH_DOCUMENT, {
    withinMs: 8_000,
    omitRefused: true,
  });
  const healthy = answers.find((answer) => answer.healthy)?.member;
  const master = members.find(({ member }) => member === healthy)?.instanceId;
  if (!master) return answers;
  const nodes = await observeNodes(deps, name, { document: env.LIST_NODES_DOCUMENT, master, withinMs: 8_000 });
  if (nodes) await recordObservation(table, name, { nodes }, new Date());
  return answers;
}
