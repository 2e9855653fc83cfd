import { balancerName, TAG } from "../domain/naming.ts";
import { ownerOf } from "../domain/records.ts";
import { deleteBalancing, listBalancing } from "../gateways/load-balancing-removal.ts";
import { deleteRecord } from "../gateways/route53.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { removeAll } from "../usecases/remove.ts";
import { findApiAlias } from "../usecases/survey.ts";

/** The API's name, while the load balancer that it leads to can still be told, then the load balancer and its target group. */
const deleteEndpoint = async ({ cluster: name }: StepInput): Promise<void> => {
  const cluster = await getCluster(table, name);
  const owner = ownerOf(cluster);
  const alias = await findApiAlias(cluster);
  if (alias) await deleteRecord(alias.zone, alias.record);
  const own = balancerName(owner);
  await removeAll("the API's load balancer:", {
    find: async () => {
      const found = await listBalancing(({ name: candidate }) => candidate === own);
      return found.filter(({ tags }) => tags[TAG.uid] === owner.uid);
    },
    remove: (resource) => deleteBalancing(resource),
    id: ({ arn }) => arn,
  });
};

export const handler = stepHandler("Delete endpoint", table, StepInputSchema, deleteEndpoint);
