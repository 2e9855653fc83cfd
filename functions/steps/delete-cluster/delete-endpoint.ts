import { elb } from "../../aws/load-balancing/client.ts";
import { deleteBalancing, listBalancing } from "../../aws/load-balancing/removal.ts";
import { route53 } from "../../aws/route53/client.ts";
import { deleteHealthCheck, ensureHealthCheck, healthCheckTags } from "../../aws/route53/health-checks.ts";
import { deleteRecord } from "../../aws/route53/route53.ts";
import { changeTrafficRecords } from "../../aws/route53/traffic-records.ts";
import { balancerName } from "../../domain/cluster/naming.ts";
import { LOCAL } from "../../domain/fleet/fleet-records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { removeOwned } from "../../usecases/deletion/check-ownership.ts";
import { findApiRecord, findApiRecordCalls } from "../../usecases/deletion/find-api-record.ts";
import { dropFromTraffic } from "../../usecases/fleet/traffic.ts";

const calls = {
  ...findApiRecordCalls,
  ...bind(route53, { changeTrafficRecords, deleteHealthCheck, deleteRecord, ensureHealthCheck, healthCheckTags }),
  ...bind(elb, { listBalancing, deleteBalancing }),
};

type Collaborators = Deps<typeof calls>;

/**
 * The cluster's part in the public names of fleets. The API's name, while its load balancer can still be identified, then the load balancer and its target
 * group.
 */
export async function deleteEndpoint(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  await dropFromTraffic({ ...deps, traffic: deps.store }, { endpoint: LOCAL, cluster: name });
  const owningCluster = owningClusterOf(cluster);
  const api = await findApiRecord(deps, cluster);
  if (api?.decision instanceof Owned) await deps.aws.deleteRecord(api.decision, api.zone, api.record);
  const own = balancerName(owningCluster);
  await removeOwned(deps, "the API's load balancer:", owningCluster, {
    find: () => deps.aws.listBalancing(({ elbName }) => elbName === own),
    remove: (resource) => deps.aws.deleteBalancing(resource),
  });
}

export const handler = stepHandler("Delete endpoint", StepInput, deleteEndpoint, collaborators(calls));
