import type { BackupView } from "../functions/domain/api/views.ts";
import { type Column, table } from "./tables.ts";
import { printable, type Terminal } from "./terminal.ts";

const SNAPSHOT = "snapshot.db.gz";

const BACKUPS: readonly Column<BackupView>[] = [
  { head: "ID", of: ({ id, pinned }) => `${id}${pinned ? " (pinned)" : ""}` },
  { head: "REASON", of: ({ reason }) => reason, rank: 4 },
  { head: "REVISION", of: ({ etcd }) => String(etcd.revision), rank: 3 },
  { head: "KEYS", of: ({ etcd }) => String(etcd.totalKey), rank: 5 },
  { head: "SIZE", of: ({ objects }) => sizeText(objects[SNAPSHOT]?.bytes ?? 0), rank: 2 },
  { head: "MEMBERS", of: comparedText },
  { head: "DRILL", of: ({ verified: { drill } }) => (drill === null ? "-" : drill.ok ? "passed" : "FAILED"), rank: 1 },
  { head: "HISTORY", of: ({ history }) => history },
  { head: "MEMBER", of: ({ member }) => member, rank: 6 },
  { head: "ETCD", of: ({ etcd }) => etcd.version, rank: 7 },
  { head: "KUBERNETES", of: ({ kubernetes }) => kubernetes.version, rank: 8 },
  { head: "EPOCH", of: ({ epoch }) => String(epoch), rank: 9 },
  { head: "UID", of: ({ uid }) => uid, rank: 10 },
  { head: "SHA256", of: ({ objects }) => objects[SNAPSHOT]?.sha256 ?? "-", rank: 11 },
];

const CLUSTER: Column<BackupView> = { head: "CLUSTER", of: ({ cluster }) => cluster };

/** `all`: of all clusters, so that each line says of which. */
export function backupsText(backups: readonly BackupView[], width: number, all = false): string {
  return backups.length === 0 ? "no backups\n" : table(all ? [CLUSTER, ...BACKUPS] : BACKUPS, backups, width);
}

/** One backup in full. */
export function backupText(backup: BackupView, terminal: Terminal): string {
  const { id, cluster, uid, epoch, history, takenAt, reason, member, etcd, kubernetes, objects, verified } = backup;
  const hash = etcd.hashkv === null ? "not computed" : `${etcd.hashkv}, from revision ${etcd.compactRevision} on`;
  const lines: readonly (readonly [string, string])[] = [
    ["cluster", `${cluster}, uid ${uid}, epoch ${epoch} (${history})`],
    ["taken", `${takenAt} of member ${member}, ${reason}${backup.pinned ? ", pinned" : ""}`],
    ["versions", `etcd ${etcd.version}, Kubernetes ${kubernetes.version}`],
    ["etcd", `cluster ${etcd.clusterId}, term ${etcd.raftTerm}, index ${etcd.raftIndex}`],
    ["data", `revision ${etcd.revision}, ${etcd.totalKey} keys, ${sizeText(etcd.totalSize)}`],
    ["hash", hash],
    ...Object.entries(objects).map(
      ([name, { bytes, sha256 }]) => [name, `${sizeText(bytes)}, sha256 ${sha256}`] as const,
    ),
    ["file", `found with size and checksum at ${verified.file}`],
    ["members", comparedText(backup)],
    ["drill", drillText(backup)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const text = lines.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join("");
  return `${terminal.paint("bold", id)}\n${text}`;
}

function comparedText({ verified: { hashkv } }: BackupView): string {
  if (hashkv === null) return "not compared";
  return `${hashkv.members.join(", ")} ${hashkv.equal ? "agree" : "DIFFER"}`;
}

/** `passed at 2026-…, 192 s, 1287 keys: 40 pods, 12 secrets`. */
export function drillText({ verified: { drill } }: BackupView): string {
  if (drill === null) return "none";
  if (!drill.ok) return `FAILED at ${drill.at}: ${drill.problems.join("; ")}`;
  const kinds = Object.entries(drill.kinds)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SHOWN_KINDS)
    .map(([kind, count]) => `${count} ${kind}`);
  const counts = kinds.length === 0 ? "" : `: ${kinds.join(", ")}`;
  const warnings = drill.warnings.map((warning) => `; warning: ${warning}`).join("");
  return `passed at ${drill.at}, ${drill.seconds} s, ${drill.totalKey ?? 0} keys${counts}${warnings}`;
}

const SHOWN_KINDS = 5;

/** `5.0 MiB`. */
function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}
