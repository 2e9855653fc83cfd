import * as z from "zod";
import type { MemberAnswer } from "./quorum.ts";

/** etcd's ids are unsigned 64-bit: read as numbers they would be rounded (aws-facts §9.4), so they stay text. */
const BigId = z.union([z.string(), z.number()]).transform(String);

const EndpointStatus = z.object({
  Status: z.object({
    header: z.object({ cluster_id: BigId, member_id: BigId, raft_term: BigId.optional() }),
    leader: BigId.optional(),
    raftTerm: BigId.optional(),
    isLearner: z.boolean().optional(),
  }),
});

const MemberReport = z.object({
  member: z.string().nullable(),
  volume: z.string().optional(),
  generation: z.number().optional(),
  healthy: z.boolean(),
  status: z.array(EndpointStatus).nullable(),
});

/** Keys whose numbers must survive as text. */
const BIG = new Set(["cluster_id", "member_id", "leader", "raft_term", "raftTerm"]);

/** JSON with big integers kept: the reviver sees a number's own text (Node 22 and later). */
const parseKeepingIds = (text: string): unknown =>
  JSON.parse(text, (key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && BIG.has(key) ? (context?.source ?? String(value)) : value,
  );

export const silent = (member: string): MemberAnswer => ({
  member,
  reachable: false,
  healthy: false,
  clusterId: null,
  memberId: null,
  leaderId: null,
  term: null,
});

/** What a master's `member-health` document printed, as an answer about `member`; anything unreadable is silence. */
export const readMemberReport = (member: string, output: string): MemberAnswer => {
  const line = output.split("\n").find((candidate) => candidate.startsWith("{"));
  if (line === undefined) return silent(member);
  let json: unknown;
  try {
    json = parseKeepingIds(line);
  } catch {
    return silent(member);
  }
  const report = MemberReport.safeParse(json).data;
  const status = report?.status?.[0]?.Status;
  // A host that says it is another member has taken the wrong volume: its answer counts for nobody.
  if (!report || !status || report.member !== member) return silent(member);
  return {
    member,
    reachable: true,
    healthy: report.healthy,
    clusterId: status.header.cluster_id,
    memberId: status.header.member_id,
    leaderId: status.leader ?? "0",
    term: Number(status.raftTerm ?? status.header.raft_term ?? 0),
    ...(status.isLearner === undefined ? {} : { isLearner: status.isLearner }),
  };
};
