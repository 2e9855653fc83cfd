import { balancerName } from "../domain/naming.ts";
import { claimantOf, Owned } from "../domain/ownership.ts";
import { deleteBalancing, listBalancing } from "../gateways/load-balancing-removal.ts";
import { deleteRecord } from "../gateways/route53.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeOwned } from "../usecases/permits.ts";
import { findApiRecord } from "../usecases/survey.ts";

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
