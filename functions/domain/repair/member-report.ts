import * as z from "zod";
import type { MemberAnswer, Trouble } from "./quorum.ts";

/**
 * etcd's ids are unsigned 64-bit: read as numbers they would be rounded (docs/references/aws.md#etcdctl), so they stay
 * text.
 */
const BigId = z.union([z.string(), z.number()]).transform(String);

const EndpointStatus = z.object({
  Status: z.object({
    header: z.object({
      cluster_id: BigId,
      member_id: BigId,
      raft_term: BigId.optional(),
      revision: z.number().optional(),
    }),
    version: z.string().optional(),
    leader: BigId.optional(),
    raftTerm: BigId.optional(),
    isLearner: z.boolean().optional(),
    /** Alarms: `memberID:1 alarm:NOSPACE `. */
    errors: z.array(z.string()).optional(),
  }),
});

const MemberReport = z.object({
  member: z.string().nullable(),
  /** What its data lies on, once it is found mounted and identified; or what is wrong with that. */
  volume: z.string().optional(),
  volumeProblem: z.string().optional(),
  generation: z.number().optional(),
  healthy: z.boolean(),
  status: z.array(EndpointStatus).nullable(),
  kubelet: z.boolean().optional(),
  apiServer: z.boolean().optional(),
  certificatesUntil: z.number().nullish(),
  /** `done`, `running`, or `error`: the boot failed and was started again. */
  boot: z.string().optional(),
  refused: z.string().optional(),
  /** Its etcd may not start: a restore has put it on hold. */
  held: z.boolean().optional(),
  /** Of etcd's unit: `active`, `activating`, `failed`, `inactive`. */
  unit: z.string().optional(),
  restarts: z.number().optional(),
  said: z.string().optional(),
  data: z.boolean().optional(),
  freeKiB: z.number().nullable().optional(),
});
type MemberReport = z.output<typeof MemberReport>;

/** Keys whose numbers must survive as text. */
const BIG = new Set(["cluster_id", "member_id", "leader", "raft_term", "raftTerm"]);

/** JSON with big integers kept: the reviver sees a number's own text (Node 22 and later). */
function parseKeepingIds(text: string): unknown {
  return JSON.parse(text, (key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && BIG.has(key) ? (context?.source ?? String(value)) : value,
  );
}

export function silent(member: string): MemberAnswer {
  return {
    member,
    reachable: false,
    healthy: false,
    clusterId: null,
    memberId: null,
    leaderId: null,
    term: null,
  };
}

/** After this many exits, another restart does not help; systemd waits a second between restarts. */
const CRASHES = 3;
/** etcd lays out its log in files of 64 MB and ends itself when it cannot. */
const LOG_FILE_KIB = 65_536;
/** Reasons for etcd's exit that do not concern its data. */
const NOT_THE_DATA =
  /address already in use|certificate|x509|tls|permission denied|too many open files|cannot allocate|out of memory|discovery|no such host/i;

/** With these words 3.5 and later report whatever kept etcd from starting; the error follows them. */
const ANY_START_FAILED = /msg:discovery failed/;

/**
 * The other members know this member, but it has no log: its data was lost while its volume was not (etcd,
 * `server/etcdserver/bootstrap.go`).
 */
const DATA_IS_GONE = /has already been bootstrapped/;

/** A line of the log of 3.5 and later, without its quotes and braces: the error, and not where in the program it was. */
function errorOf(said: string): string {
  return /,error:(.+?)(?:,stacktrace:.*)?$/.exec(said)?.[1] ?? said;
}

function troubleOf(report: MemberReport): Trouble | undefined {
  if (report.healthy) return undefined;
  if (report.refused) return { kind: "refused", detail: report.refused };
  if (report.volumeProblem) return { kind: "volume", detail: report.volumeProblem };
  const alarm = report.status?.[0]?.Status.errors?.find((text) => text.includes("NOSPACE"));
  if (alarm !== undefined) return { kind: "full", detail: "etcd raised its alarm NOSPACE" };
  if (typeof report.freeKiB === "number" && report.freeKiB < LOG_FILE_KIB) {
    return { kind: "full", detail: `${report.freeKiB} KiB are left on its volume` };
  }
  const { restarts = 0, data = false, said = "" } = report;
  const isOfData =
    DATA_IS_GONE.test(said) || (data && said !== "" && !NOT_THE_DATA.test(said.replace(ANY_START_FAILED, "")));
  if (restarts >= CRASHES && isOfData) return { kind: "crashing", detail: errorOf(said) };
  // Once etcd's unit runs, the boot is not reported here. Heartbeats report a boot that does not finish.
  return report.boot === "error" && report.unit !== "active" && report.unit !== "activating"
    ? { kind: "boot", detail: "its boot script failed" }
    : undefined;
}

/**
 * Parses the output of the document `member-health` into an answer about `member`. Unreadable output counts as no
 * answer.
 */
export function readMemberReport(member: string, output: string): MemberAnswer {
  const line = output.split("\n").find((candidate) => candidate.startsWith("{")) ?? "";
  let report: MemberReport;
  try {
    report = MemberReport.parse(parseKeepingIds(line));
  } catch {
    return silent(member);
  }
  const status = report.status?.[0]?.Status;
  const trouble = troubleOf(report);
  const { kubelet, apiServer, boot, certificatesUntil, volume, held } = report;
  const more = {
    ...(trouble && { trouble }),
    ...(kubelet !== undefined && { kubelet }),
    ...(apiServer !== undefined && { apiServer }),
    ...(held === true && { held }),
    ...(boot !== undefined && { booted: boot === "done" }),
    ...(typeof certificatesUntil === "number" && { certificatesUntil }),
  };
  // A host that reports another member has the wrong volume. Its answer is ignored.
  if (!status || report.member !== member) return { ...silent(member), ...more };
  return {
    member,
    reachable: true,
    healthy: report.healthy,
    clusterId: status.header.cluster_id,
    memberId: status.header.member_id,
    leaderId: status.leader ?? "0",
    term: Number(status.raftTerm ?? status.header.raft_term ?? 0),
    ...(status.header.revision === undefined ? {} : { revision: status.header.revision }),
    ...(volume !== undefined && { volumeId: volume }),
    ...(status.isLearner === undefined ? {} : { isLearner: status.isLearner }),
    ...(status.version !== undefined && /^\d+\./.test(status.version) ? { etcdVersion: status.version } : {}),
    ...more,
  };
}
