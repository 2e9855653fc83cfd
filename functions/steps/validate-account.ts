import { getCluster, updateCluster } from "../gateways/table/clusters.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { checkAccount } from "../usecases/check-account.ts";
import { awaitStragglers } from "../usecases/stragglers.ts";

/** Holds the spec against the account once more (it may have changed since the request) and pins what its words stand for. */
const validateAccount = async ({ cluster: name, operation }: StepInput): Promise<{ members: string[] }> => {
  await awaitStragglers(table, name, operation);
  const cluster = await getCluster(table, name);
  const { images, hostedZoneId } = await checkAccount(cluster.spec);
  // What was pinned stays pinned, however often this runs: only the first look decides.
  const pinned = { images: cluster.images ?? images, hostedZoneId: cluster.hostedZoneId ?? hostedZoneId };
  await updateCluster(table, name, operation, pinned, new Date());
  return { members: cluster.plan.members.map((member) => member.name) };
};

export const handler = stepHandler("Validate account", table, StepInputSchema, validateAccount);
