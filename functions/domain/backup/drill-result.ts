import { counted } from "../text/counted.ts";
import type { BackupRecord } from "./backup-records.ts";
import type { DrillReport } from "./drill-note.ts";
import type { DrillResult, Manifest } from "./manifest.ts";

export interface DrillFindings {
  /** What does not match, a phrase each: the backup is not what its manifest says. */
  readonly problems: readonly string[];
  /** What a person should look at. */
  readonly warnings: readonly string[];
}

/** Compares what was found in a restored backup with its manifest, and its kinds with those of the last drill. */
export function evaluateDrill(
  { etcd, encryption }: Pick<Manifest, "etcd" | "encryption">,
  report: DrillReport,
  former: DrillResult | undefined,
): DrillFindings {
  const { file, revision, hashkv } = report;
  const foreign = report.encryptedBy.filter((name) => !encryption.keyNames.includes(name));
  const canCompare = etcd.hashkv !== null && hashkv?.compactRevision === etcd.compactRevision;
  const problems = [
    differs("the file's revision", file.revision, etcd.revision),
    differs("the file's number of keys", file.totalKey, etcd.totalKey),
    differs("the file's hash", file.hash, etcd.hash),
    differs("the revision of the restored etcd", revision, etcd.revision),
    canCompare ? differs("the hash of the restored keys", hashkv.hash, etcd.hashkv) : undefined,
    report.unknownCount === 0
      ? undefined
      : `${counted(report.unknownCount, "value")} below /registry/ that Kubernetes cannot read: ${report.unknown.join(", ")}`,
    foreign.length === 0 ? undefined : `values are encrypted with keys that are not kept: ${foreign.join(", ")}`,
  ];
  return { problems: problems.flatMap((each) => each ?? []), warnings: drops(report.kinds, former?.kinds ?? {}) };
}

function differs(what: string, found: number, expected: number | null): string | undefined {
  return found === expected ? undefined : `${what} is ${found}, and the manifest says ${expected}`;
}

/** Few of a kind come and go. */
const MIN_COUNT = 10;
/** One in five is left: a drop of 80 %. */
const MIN_LEFT = 5;

function drops(kinds: Readonly<Record<string, number>>, former: Readonly<Record<string, number>>): string[] {
  return Object.entries(former)
    .filter(([kind, before]) => before >= MIN_COUNT && (kinds[kind] ?? 0) * MIN_LEFT <= before)
    .map(([kind, before]) => `${kind} fell from ${before} to ${kinds[kind] ?? 0} since the last drill`)
    .toSorted();
}

/** The newest drill of the same history that passed. */
export function lastPassed(
  { uid, epoch }: Pick<Manifest, "uid" | "epoch">,
  backups: readonly BackupRecord[],
): DrillResult | undefined {
  return backups
    .filter(({ manifest }) => manifest.uid === uid && manifest.epoch === epoch)
    .flatMap(({ manifest: { verified } }) => (verified.drill?.ok === true ? [verified.drill] : []))
    .toSorted((one, other) => other.at.localeCompare(one.at))[0];
}

/** The backup that a drill tries: the newest of the cluster's present data, rather one that members agree on. */
export function chooseBackup(
  { uid, epoch }: Pick<Manifest, "uid" | "epoch">,
  backups: readonly BackupRecord[],
): BackupRecord | undefined {
  const own = backups
    .filter(({ manifest, removing }) => removing !== true && manifest.uid === uid && manifest.epoch === epoch)
    .toSorted((one, other) => other.manifest.id.localeCompare(one.manifest.id));
  return own.find(({ manifest: { verified } }) => verified.hashkv?.equal !== false) ?? own[0];
}

/** `3m12s`. */
function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
}

/** A drill's end as the event history has it. */
export function drillText(
  backup: string,
  { ok, problems, warnings, seconds, revision, totalKey }: DrillResult,
): string {
  if (!ok) return `Drill of backup ${backup} failed after ${durationText(seconds)}: ${problems.join("; ")}`;
  const number = (value: number | null) => (value ?? 0).toLocaleString("en-US");
  const noted = warnings.map((warning) => ` Warning: ${warning}.`).join("");
  return `Drill of backup ${backup} passed in ${durationText(seconds)}: revision ${number(revision)}, ${number(totalKey)} keys.${noted}`;
}
