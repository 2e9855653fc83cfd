import { requireZoneGroups } from "../../aws/auto-scaling/auto-scaling.ts";
import { SpecRejected } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { logger } from "../../runtime/logger.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, updateCluster } from "../../store/clusters.ts";
import { checkAccount } from "../../usecases/account/check-account.ts";
import { checkName } from "../../usecases/account/check-name.ts";
import { awaitStragglers } from "../../usecases/change/stragglers.ts";

/** What `POST /clusters` has found this lately is not asked again, but for what others may have made since under the cluster's name. */
const RECENT_MS = 60_000;

/**
 * Holds the spec against the account once more if that was a while ago, and pins what its words stand for. Whether groups of
 * masters can be made at all is asked before anything is.
 */
const validateAccount = async ({ cluster: name, operation }: StepInput): Promise<{ members: string[] }> => {
  await awaitStragglers(table, name, operation);
  const cluster = await getCluster(table, name);
  const members = cluster.plan.members.map((member) => member.name);
  const owner = ownerOf(cluster);
  await requireZoneGroups(owner, masterGroupName(owner, "question"), cluster.plan.members[0]?.zone ?? "");
  if (cluster.images && Date.now() - Date.parse(cluster.createdAt) < RECENT_MS) {
    const problems = await checkName(name, cluster);
    if (problems.length > 0) throw new SpecRejected(problems);
    return { members };
  }
  const { resolved, warnings } = await checkAccount(cluster.spec, cluster.plan, cluster);
  for (const reason of warnings) logger.warn("said of the account", { reason });
  // What was pinned stays pinned, however often this runs: only the first look decides.
  const pinned = {
    images: cluster.images ?? resolved.images,
    hostedZoneId: cluster.hostedZoneId ?? resolved.hostedZoneId,
  };
  await updateCluster(table, name, operation, pinned, new Date());
  return { members };
};

export const handler = stepHandler("Validate account", table, StepInputSchema, validateAccount);
