import * as z from "zod";

/** What a member's host says of it, as far as a backup is concerned (functions/hosts/documents/member-health.sh). */
export interface Candidate {
  readonly member: string;
  readonly healthy: boolean;
  readonly isLearner: boolean;
  readonly isLeader: boolean;
  readonly hasAlarm: boolean;
  readonly appliedIndex: number;
  readonly raftTerm: number;
  readonly dbSize: number;
  readonly etcdVersion: string;
  readonly clusterId: string;
  /** Free on the root volume, where the snapshot is saved; null if the host did not say. */
  readonly rootFreeKiB: number | null;
}

export type MemberChoice =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly why: string };

/** How far a follower may be behind the leader. */
const MAX_LAG = 100;
const SPACE_FACTOR = 1.5;

/**
 * The member whose data is saved: healthy, a voter, no alarm, nothing announced for its instance, room on its root
 * volume. The leader only if no other is as far.
 */
export function chooseMember(candidates: readonly Candidate[], avoided: ReadonlySet<string>): MemberChoice {
  const fit = candidates.filter((each) => whyUnfit(each) === undefined);
  const free = fit.filter(({ member }) => !avoided.has(member));
  // A master that AWS takes away later still has the data now.
  const [best] = (free.length > 0 ? free : fit).toSorted(byPreference(candidates));
  if (best) return { ok: true, candidate: best };
  const reasons = candidates.map((each) => `${each.member} ${whyUnfit(each)}`);
  return { ok: false, why: reasons.length > 0 ? reasons.join(", ") : "no master answers" };
}

function whyUnfit({ healthy, isLearner, hasAlarm, dbSize, rootFreeKiB }: Candidate): string | undefined {
  if (!healthy) return "is not healthy";
  if (isLearner) return "is a learner";
  if (hasAlarm) return "has raised an alarm";
  const needed = Math.ceil((dbSize * SPACE_FACTOR) / 1024);
  if (rootFreeKiB !== null && rootFreeKiB < needed)
    return `has ${rootFreeKiB} KiB free on its root volume, and ${needed} are needed`;
  return undefined;
}

function byPreference(all: readonly Candidate[]) {
  const furthest = Math.max(...all.map(({ appliedIndex }) => appliedIndex));
  const rank = ({ isLeader, appliedIndex }: Candidate) => (furthest - appliedIndex > MAX_LAG ? 2 : isLeader ? 1 : 0);
  return (a: Candidate, b: Candidate) =>
    rank(a) - rank(b) || b.appliedIndex - a.appliedIndex || a.member.localeCompare(b.member);
}

const BigId = z.union([z.string(), z.number()]).transform(String);

const Report = z.object({
  member: z.string(),
  healthy: z.boolean(),
  rootFreeKiB: z.number().nullish(),
  status: z
    .array(
      z.object({
        Status: z.object({
          header: z.object({ cluster_id: BigId, member_id: BigId, raft_term: z.coerce.number().optional() }),
          version: z.string().default(""),
          dbSize: z.coerce.number().default(0),
          leader: BigId.optional(),
          raftTerm: z.coerce.number().optional(),
          raftAppliedIndex: z.coerce.number().default(0),
          raftIndex: z.coerce.number().default(0),
          isLearner: z.boolean().default(false),
          errors: z.array(z.string()).default([]),
        }),
      }),
    )
    .min(1),
});

const BIG = new Set(["cluster_id", "member_id", "leader"]);

/** Reads the output of `member-health`; undefined for a member that says nothing of its etcd. */
export function readCandidate(member: string, output: string): Candidate | undefined {
  const line = output.split("\n").find((candidate) => candidate.startsWith("{")) ?? "";
  let document: unknown;
  try {
    document = JSON.parse(line, (key, value: unknown, context?: { source?: string }) =>
      typeof value === "number" && BIG.has(key) ? (context?.source ?? String(value)) : value,
    );
  } catch {
    return undefined;
  }
  const report = Report.safeParse(document).data;
  const status = report?.status[0]?.Status;
  if (!report || !status || report.member !== member) return undefined;
  return {
    member,
    healthy: report.healthy,
    isLearner: status.isLearner,
    isLeader: status.leader === status.header.member_id,
    hasAlarm: status.errors.length > 0,
    // Before 3.4 it is not said; the index is as near.
    appliedIndex: status.raftAppliedIndex || status.raftIndex,
    raftTerm: status.raftTerm ?? status.header.raft_term ?? 0,
    dbSize: status.dbSize,
    etcdVersion: status.version,
    clusterId: status.header.cluster_id,
    rootFreeKiB: report.rootFreeKiB ?? null,
  };
}
