import * as z from "zod";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances } from "../../aws/ec2/compute.ts";
import { ReassessCluster } from "../../domain/cluster/errors.ts";
import type { Begun, MemberRecord } from "../../domain/cluster/records.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import { MemberName } from "../../domain/spec/value-schemas.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput } from "../../runtime/handlers.ts";
import { idOn, recordEventCalls, recordEventOnce } from "../operations/record-event.ts";

export const otherLossesCalls = { ...recordEventCalls, ...bind(ec2, { findInstances }) };

/** `placing`: the members that a repair places at once; null where no other may be missing, as in a creation. */
export const PlacementInput = MemberStepInput.extend({ placing: z.array(MemberName).nullish() });
export type PlacementRequest = z.output<typeof PlacementInput>;

/** In this state an instance has not been lost. */
export function isAlive(state: string): boolean {
  return state === "pending" || state === "running";
}

/** A master that is waited for so long may not come before others are there again. */
const ALONE_MS = 30_000;

export function waitsLong({ clock }: Deps, { waitsSince }: Pick<Begun, "waitsSince">): boolean {
  return clock.now().getTime() - Date.parse(waitsSince) > ALONE_MS;
}

/** Settled members whose instances have ended, and how many settled ones there are. */
export async function lostMembers(
  deps: Deps<typeof otherLossesCalls>,
  cluster: string,
): Promise<{ readonly lost: readonly MemberRecord[]; readonly size: number }> {
  const members = settledMembers(await deps.store.listMembers(cluster));
  const found = await deps.aws.findInstances(members.flatMap(({ instanceId }) => instanceId ?? []));
  const alive = new Set(found.filter(({ state }) => isAlive(state)).map(({ instanceId }) => instanceId));
  const lost = members.filter(({ instanceId }) => instanceId !== null && !alive.has(instanceId));
  return { lost, size: members.length };
}

/**
 * Another master must not wait for the end of this one's placement. Records those that the repair does not place and that
 * have lost their instances, and throws ReassessCluster if there are any.
 */
export async function requireOthers(
  deps: Deps<typeof otherLossesCalls>,
  { cluster, operation, placing }: PlacementRequest,
): Promise<void> {
  if (!placing) return;
  const others = (await lostMembers(deps, cluster)).lost.filter(({ member }) => !placing.includes(member));
  if (others.length === 0) return;
  const time = deps.clock.now().toISOString();
  for (const { member, instanceId } of others) {
    await deps.store.updateMember(cluster, member, { health: "unhealthy", observedAt: time });
    const message = `Master ${member} was lost, too: ${instanceId} is gone.`;
    const event = { time, type: "master-lost", message, member, operation };
    await recordEventOnce(deps, cluster, event, idOn(instanceId ?? member, event));
  }
  throw new ReassessCluster(`${others.map(({ member }) => member).join(", ")} lost the instance meanwhile`);
}
