import { counted } from "../text/counted.ts";
import type { HostReport } from "./host-report.ts";

/** A live instance of a member, which may run an etcd. */
export interface InstanceFacts {
  readonly instanceId: string;
  /** Launched after the volumes were put on hold: its boot script starts nothing. */
  readonly afterHold: boolean;
  /** Null: it does not answer. */
  readonly report: HostReport | null;
  /** For how long it has not answered. */
  readonly silentMs: number;
}

/** Facts about one member, just read from EC2, from its hosts and from its record. */
export interface MemberRestoreFacts {
  readonly member: string;
  /** All instances of the member that are not terminated, the recorded one first. */
  readonly instances: readonly InstanceFacts[];
  /** The recorded instance has the recorded volume. */
  readonly attached: boolean;
  /** Its volume is gone, and no other has taken its place. */
  readonly volumeLost: boolean;
  /** Its former data is in an EBS snapshot, or there was none. */
  readonly snapshotDone: boolean;
  /** Of the restored data. */
  readonly generation: number;
}

export interface RestoreFacts {
  readonly members: readonly MemberRestoreFacts[];
  /** Volumes are on hold, and members' records say what they had. */
  readonly held: boolean;
  /** The file to restore is known. */
  readonly hasFile: boolean;
  /** The restored etcd was checked. */
  readonly checked: boolean;
}

/** The next action of a restore. It does one, then reads the facts again. */
export type RestoreAction =
  /** No host that boots now starts etcd. */
  | { readonly kind: "hold" }
  /** These run, or may run, an etcd of the former cluster, or an API server. */
  | { readonly kind: "stop"; readonly members: readonly string[]; readonly reason: string }
  /** They have not answered for too long: their instances are terminated, so that no former etcd is alive. */
  | { readonly kind: "terminate"; readonly members: readonly string[]; readonly reason: string }
  /** They have no instance with their volume. */
  | { readonly kind: "provide"; readonly members: readonly string[]; readonly reason: string }
  /** The survivor's data becomes the file. */
  | { readonly kind: "take" }
  /** Their former data is kept, on the volume and as a snapshot. */
  | { readonly kind: "keep"; readonly members: readonly string[] }
  | { readonly kind: "restore"; readonly members: readonly string[] }
  | { readonly kind: "start-etcd"; readonly members: readonly string[] }
  /** All committed a read: is it the right data, under a new id? */
  | { readonly kind: "check" }
  | { readonly kind: "start-api"; readonly members: readonly string[] }
  /** Every member serves the restored data. */
  | { readonly kind: "served" }
  | { readonly kind: "wait"; readonly reason: string };

/** A host that is asked to stop answers within this time, or its instance is terminated. */
export const SILENT_MS = 180_000;

/**
 * Chooses the next action. Nothing is restored, and no new etcd starts, before every instance that may run a former
 * etcd has said that it is stopped, or is terminated. That is looked at again before each action.
 */
export function planRestore({ members, held, hasFile, checked }: RestoreFacts): RestoreAction {
  if (!held) return { kind: "hold" };
  const barrier = planBarrier(members);
  if (barrier) return barrier;
  const missing = members.filter(isMissing);
  if (missing.length > 0)
    return {
      kind: "provide",
      members: names(missing),
      reason: `waiting for ${list(missing)} to have a host with the volume`,
    };
  const booting = members.filter((each) => reportOf(each)?.mounted !== true);
  if (booting.length > 0) return { kind: "wait", reason: `waiting for ${list(booting)} to mount the volume` };
  if (!hasFile) return { kind: "take" };
  const kept = members.filter(({ snapshotDone }) => !snapshotDone);
  const former = members.filter((each) => reportOf(each)?.data === "former");
  if (kept.length + former.length > 0) return { kind: "keep", members: names([...new Set([...kept, ...former])]) };
  const blank = members.filter((each) => reportOf(each)?.data !== "restored");
  if (blank.length > 0) return { kind: "restore", members: names(blank) };
  return planStart(members, checked);
}

/** Undefined once no etcd of the former cluster can be alive. */
function planBarrier(members: readonly MemberRestoreFacts[]): RestoreAction | undefined {
  const open = members.filter(({ instances }) => instances.some(mayServeFormer));
  if (open.length === 0) return undefined;
  const silent = open.filter(({ instances }) =>
    instances.some((each) => mayServeFormer(each) && each.report === null && each.silentMs >= SILENT_MS),
  );
  if (silent.length > 0)
    return {
      kind: "terminate",
      members: names(silent),
      reason: `no answer from ${list(silent)} for ${counted(SILENT_MS / 60_000, "minute")}; etcd may still run there`,
    };
  return { kind: "stop", members: names(open), reason: `waiting for ${list(open)} to say that etcd is stopped` };
}

/** An etcd, or an API server, of before the restore may run there. */
export function mayServeFormer({ afterHold, report }: InstanceFacts): boolean {
  if (report === null) return !afterHold;
  if (report.data === "restored") return false;
  return report.etcd || report.apiServer || !report.held;
}

function planStart(members: readonly MemberRestoreFacts[], checked: boolean): RestoreAction {
  const still = members.filter((each) => reportOf(each)?.etcd !== true);
  if (still.length > 0) return { kind: "start-etcd", members: names(still) };
  if (!checked) {
    const waiting = members.filter((each) => reportOf(each)?.healthy !== true);
    return waiting.length > 0
      ? { kind: "wait", reason: `the restored etcd of ${list(waiting)} does not commit yet` }
      : { kind: "check" };
  }
  // One after the other: whoever follows the first one finds it ready.
  const [next] = members.filter((each) => reportOf(each)?.ready !== true);
  return next ? { kind: "start-api", members: [next.member] } : { kind: "served" };
}

function isMissing(member: MemberRestoreFacts): boolean {
  return member.instances.length === 0 || member.volumeLost || !member.attached;
}

function reportOf({ instances }: MemberRestoreFacts): HostReport | null {
  return instances[0]?.report ?? null;
}

function names(members: readonly MemberRestoreFacts[]): string[] {
  return members.map(({ member }) => member);
}

function list(members: readonly MemberRestoreFacts[]): string {
  return `${members.length === 1 ? "master" : "masters"} ${names(members).join(", ")}`;
}
