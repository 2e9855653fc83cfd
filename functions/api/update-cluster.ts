import { type ApiRequest, REQUESTS } from "../domain/api/requests.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { type ApiCall, answering, apiHandlers } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import type { Reply } from "../runtime/problems.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { getCluster } from "../store/clusters.ts";
import { listMembers } from "../store/members.ts";
import { type ChangeRequest, changeCluster, changeClusterCalls } from "../usecases/change/change-cluster.ts";
import { planChange } from "../usecases/change/plan-change.ts";
import { accepted, toClusterView } from "../usecases/operations/views.ts";

const deps = { ...system, aws: { ...changeClusterCalls } };

const env = readEnv({ CREATE_STATE_MACHINE: NonEmpty, UPDATE_STATE_MACHINE: NonEmpty });
const machines = { create: env.CREATE_STATE_MACHINE, update: env.UPDATE_STATE_MACHINE };

const { updateCluster, scaleCluster, resumeCluster } = REQUESTS;

/**
 * Changes a cluster's spec, or continues a stopped operation. 202 with the operation, or 200 with the cluster if there
 * is nothing to do. `If-Match` with the ETag of `GET /clusters/{name}` refuses a change of an outdated spec.
 */
export const handler = apiHandlers(
  answering(updateCluster, (call) => (call.body.dryRun ? plan(call) : change(updateCluster, call, call.body.spec))),
  answering(scaleCluster, (call) => change(scaleCluster, call, { nodeCount: call.body.count })),
  answering(resumeCluster, (call) => change(resumeCluster, call, {})),
);

async function plan({ path, headers, body, caller }: ApiCall<typeof updateCluster>): Promise<Reply> {
  const planned = await planChange(deps, {
    cluster: path.name,
    patch: { document: body.spec },
    ifMatch: headers["if-match"],
    admit: (from, to) => requireWithinLimits(caller, "change", from, to),
  });
  return { status: 200, body: planned };
}

type ChangeCall = Pick<ApiCall<typeof resumeCluster>, "path" | "headers" | "caller" | "by" | "claim">;

/** Each route asks for a merge patch of the spec. */
async function change(
  { route }: ApiRequest,
  { path: { name: cluster }, headers, caller, by, claim }: ChangeCall,
  document: Readonly<Record<string, unknown>>,
): Promise<Reply> {
  const request: ChangeRequest = {
    cluster,
    patch: { document },
    ifMatch: headers["if-match"],
    claim: claim({ route, cluster, document }),
    by,
    admit: (from, to) => requireWithinLimits(caller, "change", from, to),
  };
  const operation = await changeCluster(deps, machines, request);
  if (operation) return accepted(operation);
  const [record, members] = await Promise.all([getCluster(table, cluster), listMembers(table, cluster)]);
  return { status: 200, body: toClusterView(record, members) };
}
