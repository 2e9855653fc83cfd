import { interruptionOf, type MemberRecord, type OperationRecord } from "../cluster/records.ts";
import type { Heartbeat } from "./heartbeats.ts";
import { isOutdated } from "./reconcile.ts";
import { explainDetached } from "./served-data.ts";

/**
 * Statuses in which lost masters are repaired. In the others another operation is responsible, or none should be. While
 * a cluster is changed, the repair waits.
 */
export const REPAIRABLE: ReadonlySet<string> = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** More repairs than this in an hour have a cause that repairs do not fix (docs/references/kops.md#repair-budget). */
export const REPAIRS_PER_HOUR = 30;

export interface Detached {
  readonly record: MemberRecord;
  readonly why: string;
}

/** Why a cluster needs a repair, as EC2 and the records say. */
export interface RepairReasons {
  /** Masters without a running instance. */
  readonly lost: readonly MemberRecord[];
  /** Running masters whose instance AWS will take away. */
  readonly interrupted: readonly MemberRecord[];
  /** Running masters whose volume EC2 reports as not attached. */
  readonly detached: readonly Detached[];
}

/** Masters without a running instance. */
export function findLost(members: readonly MemberRecord[], running: ReadonlySet<string>): MemberRecord[] {
  return members.filter(({ instanceId }) => instanceId === null || !running.has(instanceId));
}

/** `volumes` are those of the members that run. A deleted volume is handled elsewhere. */
export function findReasons(
  members: readonly MemberRecord[],
  lost: readonly MemberRecord[],
  volumes: ReadonlyMap<string, { readonly attachedTo: string | null }>,
): RepairReasons {
  const others = members.filter((member) => !lost.includes(member));
  return {
    lost,
    interrupted: others.filter((member) => interruptionOf(member) !== undefined),
    detached: others.flatMap((record) => {
      const volume = volumes.get(record.volumeId ?? "");
      const why = volume && explainDetached({ ...record, attachedTo: volume.attachedTo });
      return why === undefined ? [] : [{ record, why }];
    }),
  };
}

/** Why no repair begins; undefined if one may. A repair that holds the cluster already continues in any case. */
export function whyNoRepair(
  reasons: RepairReasons,
  { thorough, holds }: { readonly thorough: boolean; readonly holds: boolean },
  members: readonly MemberRecord[],
  now: Date,
): string | undefined {
  if (holds) return undefined;
  if (isEmpty(reasons) && !thorough) return `every master runs: ${members.map(placeOf).join(", ")}`;
  const { lost } = reasons;
  const pausing = lost.filter(({ bootFailures }) => (bootFailures?.retryAt ?? 0) > now.getTime());
  return lost.length > 0 && pausing.length === lost.length
    ? "no instance of the lost masters boots; another attempt follows"
    : undefined;
}

/** An operation has ended since a reconcile read what it found: what it found may be history. */
export function isSettled(
  reasons: RepairReasons,
  foundAt: string | null | undefined,
  latest: readonly OperationRecord[],
  operation: string,
): boolean {
  return isEmpty(reasons) && isOutdated(foundAt, latest, operation);
}

function isEmpty({ lost, interrupted, detached }: RepairReasons): boolean {
  return lost.length + interrupted.length + detached.length === 0;
}

function placeOf({ member, instanceId }: MemberRecord): string {
  return `${member} on ${instanceId}`;
}

export function isBudgetSpent(latest: readonly OperationRecord[], operation: string, now: Date): boolean {
  const recent = latest.filter(
    ({ id, kind, startedAt }) =>
      id !== operation && kind === "repair" && now.getTime() - Date.parse(startedAt) < 3_600_000,
  );
  return recent.length >= REPAIRS_PER_HOUR;
}

/** The instance whose launch was reported is its member's, and healthy. */
export function isPlaced(members: readonly MemberRecord[], launched: string): boolean {
  return members.some(({ instanceId, health }) => instanceId === launched && health === "healthy");
}

export function explainRepair({ lost, interrupted, detached }: RepairReasons, detectedBy: string): string {
  const masters = (members: readonly MemberRecord[]) =>
    `${members.length === 1 ? "master" : "masters"} ${members.map(({ member }) => member).join(", ")}`;
  if (lost.length === 1) return asSentence(`${masters(lost)} was lost and is being replaced.`);
  if (lost.length > 1) return asSentence(`${masters(lost)} were lost and are being replaced.`);
  if (detached.length > 0) return `${asSentence(detached.map(({ why }) => why).join("; "))}.`;
  if (interrupted.length === 1)
    return `AWS will take away the instance of ${masters(interrupted)}; it is replaced before.`;
  if (interrupted.length > 1)
    return `AWS will take away the instances of ${masters(interrupted)}; they are replaced before.`;
  return `Being looked after: ${detectedBy}.`;
}

export function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** When members were lost: the reported time, or the time of the last healthy report. */
export function lossOf(
  lost: readonly MemberRecord[],
  at: string | null | undefined,
  heartbeats: readonly Heartbeat[],
  now: Date,
): { members: string[]; at: string; exact: boolean } {
  const members = lost.map(({ member }) => member);
  if (at) return { members, at, exact: true };
  const lastSigns = heartbeats.filter(({ healthy }) => healthy).map(({ at: seconds }) => seconds * 1000);
  return { members, at: new Date(Math.min(now.getTime(), ...lastSigns)).toISOString(), exact: false };
}
