import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { requireZoneGroups } from "../../aws/auto-scaling/group-creation.ts";
import { SpecRejected } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { logger } from "../../runtime/logger.ts";
import { collaborators } from "../../runtime/system.ts";
import { checkAccount, checkAccountCalls } from "../../usecases/account/check-account.ts";
import { checkName, checkNameCalls } from "../../usecases/account/check-name.ts";
import { awaitInFlightSteps } from "../../usecases/change/in-flight-steps.ts";

const calls = { ...checkNameCalls, ...checkAccountCalls, ...bind(autoScaling, { requireZoneGroups }) };

type Collaborators = Deps<typeof calls>;

/** A recent check by `POST /clusters` is not repeated, except for names that others may have taken since. */
const RECENT_MS = 60_000;

/**
 * Checks the spec against the account again if the last check is old, and pins what its names stand for. Whether groups
 * of masters can be created at all is checked first.
 */
export async function validateAccount(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
): Promise<{ members: string[]; takeover: boolean }> {
  await awaitInFlightSteps(deps, name, operation);
  const cluster = await deps.store.getCluster(name);
  const members = cluster.plan.members.map((member) => member.name);
  const takeover = cluster.restoration?.takeover !== undefined;
  const owner = ownerOf(cluster);
  await deps.aws.requireZoneGroups(owner, masterGroupName(owner, "question"), cluster.plan.members[0]?.zone ?? "");
  if (cluster.images && deps.clock.now().getTime() - Date.parse(cluster.createdAt) < RECENT_MS) {
    const problems = await checkName(deps, name, cluster);
    if (problems.length > 0) throw new SpecRejected(problems);
    return { members, takeover };
  }
  const { resolved, warnings } = await checkAccount(deps, cluster.spec, cluster.plan, cluster);
  for (const reason of warnings) logger.warn("account warning", { reason });
  // What was pinned stays pinned, however often this runs: only the first look decides.
  const pinned = {
    images: cluster.images ?? resolved.images,
    hostedZoneId: cluster.hostedZoneId ?? resolved.hostedZoneId,
  };
  await deps.store.updateCluster(name, operation, pinned, deps.clock.now());
  return { members, takeover };
}

export const handler = stepHandler("Validate account", StepInput, validateAccount, collaborators(calls));
