import * as z from "zod";
import { counted } from "../text/counted.ts";

/** etcd's ids have 64 bits. Rounded to doubles they are still distinct. */
const EndpointStatus = z.object({
  Endpoint: z.string(),
  Status: z.object({
    header: z.object({ member_id: z.number() }),
    leader: z.number().default(0),
    raftAppliedIndex: z.number().default(0),
    dbSize: z.number().exactOptional(),
    isLearner: z.boolean().default(false),
  }),
});

/** What the members that answered said at one moment. */
export type Look = readonly z.output<typeof EndpointStatus>[];

/** A busy cluster writes this much while the answers of two members travel. */
const MAX_LAG = 100;
/** A learner can be level between two entries, so one look is not enough. */
const MIN_LOOKS = 3;

/** What the document `member-progress` prints: a look a line. Throws for what is none. */
export function readProgress(output: string): Look[] {
  return output
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => z.array(EndpointStatus).parse(JSON.parse(line)));
}

/**
 * Why this learner must not be promoted yet; undefined if it may be, or already votes. etcd itself promotes a learner
 * that has nine tenths of the leader's log. It may then lack a million entries, and a majority that needs it would
 * wait.
 */
export function whyNotPromoted(looks: readonly Look[], address: string): string | undefined {
  if (looks.length < MIN_LOOKS) return `etcd answered ${counted(looks.length, "time")}, ${MIN_LOOKS} are needed`;
  return looks.map((look) => lagIn(look, address)).find((why) => why !== undefined);
}

/** How far the learner is, and how fast, for people. */
export function describeProgress(looks: readonly Look[], address: string): string {
  const [first, last] = [looks[0], looks.at(-1)];
  const learner = (look: Look | undefined) =>
    look?.find(({ Endpoint }) => Endpoint === `https://${address}:2379`)?.Status;
  const [before, now] = [learner(first), learner(last)];
  if (!now || !before) return `the etcd at ${address} does not answer`;
  const leader = last?.find(({ Status }) => Status.header.member_id === Status.leader)?.Status;
  const entries = now.raftAppliedIndex - before.raftAppliedIndex;
  const of = leader ? ` of ${leader.raftAppliedIndex}` : "";
  const size = `${toMiB(now.dbSize)} MiB${leader ? ` of ${toMiB(leader.dbSize)} MiB` : ""}`;
  return `it has applied ${now.raftAppliedIndex}${of} entries, ${entries} of them within ${counted(looks.length - 1, "second")}, and has ${size}`;
}

function toMiB(bytes = 0): number {
  return Math.round(bytes / 1_048_576);
}

function lagIn(look: Look, address: string): string | undefined {
  const learner = look.find(({ Endpoint }) => Endpoint === `https://${address}:2379`)?.Status;
  if (!learner) return `the etcd at ${address} does not say how far it is`;
  if (!learner.isLearner) return undefined;
  const leader = look.find(({ Status }) => Status.header.member_id === Status.leader)?.Status;
  if (!leader) return "no leader says how far it is";
  if (leader.raftAppliedIndex - learner.raftAppliedIndex <= MAX_LAG) return undefined;
  return `the learner has applied ${learner.raftAppliedIndex} of ${leader.raftAppliedIndex} entries`;
}
