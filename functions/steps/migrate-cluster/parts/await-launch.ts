import { isUsable, listGroupInstances } from "../../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../../aws/auto-scaling/client.ts";
import { lastLaunchFailure } from "../../../aws/auto-scaling/instances.ts";
import { ec2 } from "../../../aws/ec2/client.ts";
import { findInstances } from "../../../aws/ec2/compute.ts";
import { NotReadyYet, QuotaReached, ZoneUnavailable } from "../../../domain/cluster/errors.ts";
import { masterGroupName } from "../../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, ownerOf } from "../../../domain/cluster/records.ts";
import { launchQuotaReached } from "../../../domain/plan/quotas.ts";
import { isInsufficientCapacity } from "../../../domain/repair/capacity.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { pollUntil } from "../../../runtime/poll.ts";
import { system } from "../../../runtime/system.ts";
import { planOf } from "../../../usecases/members/members.ts";

const calls = {
  ...bind(autoScaling, { listGroupInstances, lastLaunchFailure }),
  ...bind(ec2, { findInstances }),
};

type Collaborators = Deps<typeof calls>;

/** A group that could launch nothing for that long will not soon; nothing was changed yet, so it is given up. */
const CAPACITY_MS = 2 * 60_000;

/**
 * Waits until a new slot has an instance that runs. It waits there for its volume: etcd does not know of it yet. Throws
 * ZoneUnavailable if its zone has no capacity, and QuotaReached.
 */
export async function awaitLaunch(
  deps: Collaborators,
  { cluster: name, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const group = masterGroupName(ownerOf(cluster), member);
  await pollUntil(
    deps.clock,
    async () => {
      const usable = ((await deps.aws.listGroupInstances([group])).get(group) ?? []).filter(isUsable);
      const found = await deps.aws.findInstances(usable.map(({ instanceId }) => instanceId));
      return found.some(({ state }) => state === "running") ? true : undefined;
    },
    { waitingFor: `an instance of master ${member}`, firstMs: 300 },
  ).catch(async (error: unknown) => {
    if (!(error instanceof NotReadyYet)) throw error;
    const failure = await deps.aws.lastLaunchFailure(group);
    if (failure === undefined) throw error;
    throw whyNot(cluster, member, failure.message, deps.clock.now().getTime() - Date.parse(begun.waitsSince));
  });
}

function whyNot(cluster: ClusterRecord, member: string, message: string, waitedMs: number): Error {
  const { masterSize } = cluster.spec;
  const { zone } = planOf(cluster, member);
  const quota = launchQuotaReached(message, masterSize);
  if (quota) return new QuotaReached(`${message} ${quota}`);
  const said = `${zone} launches no ${masterSize} for master ${member}: ${message}`;
  return isInsufficientCapacity(message) && waitedMs > CAPACITY_MS ? new ZoneUnavailable(said) : new NotReadyYet(said);
}

export const handler = stepHandler("Await launch", MemberStepInput, awaitLaunch, () => ({ ...system, aws: calls }));
