import type { Backup, RestorePlan } from "../data/api.ts";
import type { Mark } from "./cluster.ts";
import { ageOf, ageText, counted, sizeText } from "./words.ts";

export interface BackupRow {
  readonly id: string;
  readonly age: string;
  readonly size: string;
  readonly revision: string;
  readonly reason: string;
  readonly pinned: boolean;
  readonly verified: Mark;
  readonly drill: Mark;
  /** Not of this history: before a restore, or of a former cluster. */
  readonly history: string | null;
}

const HISTORY = { current: null, earlier: "before a restore", former: "of a former cluster" } as const;

export function backupRow(backup: Backup, now: number): BackupRow {
  const { id, takenAt, objects, etcd, reason, pinned, verified, history } = backup;
  return {
    id,
    age: ageOf(takenAt, now),
    size: sizeText(objects["snapshot.db.gz"]?.bytes ?? 0),
    revision: etcd.revision.toLocaleString("en"),
    reason: reason.replaceAll("-", " "),
    pinned,
    verified: verifiedMark(verified.hashkv),
    drill: drillMark(verified.drill, now),
    history: HISTORY[history],
  };
}

function verifiedMark(hashes: Backup["verified"]["hashkv"]): Mark {
  if (hashes === null) return { mark: "✓", word: "file checked", tone: "good" };
  if (!hashes.equal) return { mark: "✕", word: "members disagree", tone: "bad" };
  const members = hashes.members.filter((name) => name !== "file").length;
  return { mark: "✓", word: `equal on ${counted(members, "member")}`, tone: "good" };
}

function drillMark(drill: Backup["verified"]["drill"], now: number): Mark {
  if (drill === null) return { mark: "○", word: "not tried", tone: "quiet" };
  if (!drill.ok) return { mark: "✕", word: `failed: ${drill.problems[0] ?? "see the drill"}`, tone: "bad" };
  return { mark: "✓", word: `restored in ${ageText(drill.seconds * 1000)}, ${ago(drill.at, now)}`, tone: "good" };
}

function ago(time: string, now: number): string {
  const age = ageOf(time, now);
  return age === "now" ? "just now" : `${age} ago`;
}

/** What is lost, in one sentence; the same as the command line says. */
export function lossSentence({ from, takenAt, lostSeconds, lostRevisions }: RestorePlan): string {
  if (from.kind === "survivor" || takenAt === null) return "Lost: what only the lost members had.";
  const revisions = lostRevisions === null ? "an unknown number of revisions" : counted(lostRevisions, "revision");
  return `Lost: ${revisions}, everything since ${takenAt} (${secondsText(lostSeconds ?? 0)} ago).`;
}

function secondsText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
