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
import { changeSize, changeSizeCalls } from "../../../usecases/members/change-size.ts";
import { planOf } from "../../../usecases/members/members.ts";

const calls = {
  ...changeSizeCalls,
  ...bind(autoScaling, { listGroupInstances, lastLaunchFailure }),
  ...bind(ec2, { findInstances }),
};

type Collaborators = Deps<typeof calls>;

/** A group that could launch nothing for that long will not soon; nothing was changed yet, so it is given up. */
const CAPACITY_MS = 2 * 60_000;

/**
 * Waits until a new slot has an instance that runs. It waits there for its volume: etcd does not know of it yet. Without
 * capacity the spec's other types are tried. Throws ZoneUnavailable if its zone has none of them, and QuotaReached.
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
    const waitedMs = deps.clock.now().getTime() - Date.parse(begun.waitsSince);
    throw await whyNot(deps, cluster, member, { ...failure, waitedMs });
  });
}

/** A launch that failed, and for how long this master has been waited for. */
interface Failure {
  readonly message: string;
  readonly begunAt: number;
  readonly waitedMs: number;
}

async function whyNot(deps: Collaborators, cluster: ClusterRecord, member: string, failure: Failure): Promise<Error> {
  const { masterSize, masterSizeFallbacks = [] } = cluster.spec;
  const record = (await deps.store.listMembers(cluster.name)).find((each) => each.member === member);
  const type = record?.size?.type ?? masterSize;
  const { message } = failure;
  const quota = launchQuotaReached(message, type);
  if (quota) return new QuotaReached(`${message} ${quota}`);
  const sizes = [masterSize, ...masterSizeFallbacks];
  const said = `${planOf(cluster, member).zone} launches no ${sizes.join(" and no ")} for master ${member}: ${message}`;
  // A failure from before the last change says nothing about this type.
  const isOfType = record?.size === undefined || failure.begunAt > Date.parse(record.size.since);
  if (!isInsufficientCapacity(message) || !isOfType) return new NotReadyYet(said);
  const next = sizes[sizes.indexOf(type) + 1];
  if (next !== undefined) {
    await changeSize(deps, cluster, member, { from: type, to: next });
    return new NotReadyYet(`${message} ${next} is tried.`);
  }
  return failure.waitedMs > CAPACITY_MS ? new ZoneUnavailable(said) : new NotReadyYet(said);
}

export const handler = stepHandler("Await launch", MemberStepInput, awaitLaunch, () => ({ ...system, aws: calls }));
