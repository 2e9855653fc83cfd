import { deleteBalancing, listBalancing } from "../../aws/load-balancing/removal.ts";
import { deleteRecord } from "../../aws/route53/route53.ts";
import { balancerName } from "../../domain/cluster/naming.ts";
import { claimantOf, Owned } from "../../domain/ownership/ownership.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { removeOwned } from "../../usecases/deletion/permits.ts";
import { findApiRecord } from "../../usecases/deletion/survey.ts";

/** The API's name, while the load balancer that it leads to can still be told, then the load balancer and its target group. */
const deleteEndpoint = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const claimant = claimantOf(cluster);
  const api = await findApiRecord(cluster);
  if (api?.decision instanceof Owned) await deleteRecord(api.decision, api.zone, api.record);
  const own = balancerName(claimant);
  await removeOwned("the API's load balancer:", claimant, {
    find: () => listBalancing(({ elbName }) => elbName === own),
    remove: (resource) => deleteBalancing(resource),
  });
};

export const handler = stepHandler("Delete endpoint", table, StepInputSchema, deleteEndpoint);
