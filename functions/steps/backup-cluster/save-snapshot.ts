import { ssm } from "../../aws/ssm/client.ts";
import { askHosts } from "../../aws/ssm/run-command.ts";
import { type BackupNote, readNote, SnapshotResult } from "../../domain/backup/backup-note.ts";
import { backupId, backupPrefix } from "../../domain/backup/manifest.ts";
import { chooseMember, readCandidate } from "../../domain/backup/member-choice.ts";
import { BackupFailed, NotReadyYet } from "../../domain/cluster/errors.ts";
import { type Begun, epochOf, interruptionOf, type MemberRecord } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { hostCommandCalls } from "../../usecases/members/host-command.ts";
import { runHostJob } from "../../usecases/members/host-job.ts";

const calls = { ...hostCommandCalls, ...bind(ssm, { askHosts }) };

const STEP = "Save snapshot";
const ENV = {
  MEMBER_HEALTH_DOCUMENT: NonEmpty,
  BACKUP_ETCD_DOCUMENT: NonEmpty,
  BACKUP_BUCKET: NonEmpty,
  SECRETS_KEY_ARN: NonEmpty,
};
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;
type Attempt = BackupNote["attempts"][number];

const MAX_ATTEMPTS = 3;
const ASK_WITHIN_MS = 8_000;
/** A master that is repaired is back by then; without a quorum none is, until somebody acts. */
const CHOOSE_WITHIN_MS = 300_000;

/**
 * Saves a member's data on its host and uploads it. The choice is noted before anything is asked, so that another run
 * looks at the same host; a host that fails, or whose master was replaced, is left for another.
 */
export async function saveSnapshot(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const note = readNote(await deps.store.findSideNote(operation));
  if (note.snapshot) return;
  const cluster = await deps.store.getCluster(name);
  const members = await deps.store.listMembers(name);
  const open = note.attempts.at(-1);
  const kept = open?.failed === undefined && open && isStill(open, members) ? open : undefined;
  const attempts = kept ? note.attempts : closed(note.attempts, "its master was replaced meanwhile");
  const chosen = kept ?? { ...(await choose(deps, attempts, members, begun)), epoch: epochOf(cluster) };
  const tried = kept ? attempts : [...attempts, chosen];
  if (!kept) await deps.store.noteSide(operation, { ...note, attempts: tried });
  const id = backupId(begun.operationStartedAt, operation);
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.BACKUP_ETCD_DOCUMENT,
      instanceId: chosen.instanceId,
      job: `${id.toLowerCase()}-${tried.length}`,
      parameters: {
        bucket: deps.env.BACKUP_BUCKET,
        prefix: backupPrefix({ cluster: name, uid: cluster.uid }, id),
        key: deps.env.SECRETS_KEY_ARN,
      },
    },
    SnapshotResult,
  );
  if (outcome.ok) return deps.store.noteSide(operation, { ...note, attempts: tried, snapshot: outcome.result });
  await deps.store.noteSide(operation, { ...note, attempts: closed(tried, outcome.reason) });
  if (tried.length >= MAX_ATTEMPTS) throw new BackupFailed(outcome.reason);
  throw new NotReadyYet(`another member is tried: ${outcome.reason}`);
}

function isStill({ member, instanceId }: Attempt, members: readonly MemberRecord[]): boolean {
  return members.some((each) => each.member === member && each.instanceId === instanceId);
}

/** The last attempt, if it is open, has failed for this reason. */
function closed(attempts: readonly Attempt[], failed: string): Attempt[] {
  return attempts.map((each, index) =>
    index === attempts.length - 1 && each.failed === undefined ? { ...each, failed } : each,
  );
}

async function choose(
  deps: Collaborators,
  attempts: readonly Attempt[],
  members: readonly MemberRecord[],
  { waitsSince }: Begun,
): Promise<Attempt> {
  if (attempts.length >= MAX_ATTEMPTS) throw new BackupFailed(attempts.at(-1)?.failed ?? "no member could be saved");
  const instances = members.flatMap(({ instanceId }) => instanceId ?? []);
  const answers = await deps.aws.askHosts(deps.env.MEMBER_HEALTH_DOCUMENT, instances, { withinMs: ASK_WITHIN_MS });
  const candidates = members.flatMap(({ member, instanceId }) => {
    const answer = answers.find((each) => each.instanceId === instanceId);
    const candidate = answer && readCandidate(member, answer.output);
    return candidate ? [candidate] : [];
  });
  const failed = new Set(attempts.map(({ member }) => member));
  const fresh = candidates.filter(({ member }) => !failed.has(member));
  const interrupted = new Set(members.filter((each) => interruptionOf(each)).map(({ member }) => member));
  const choice = chooseMember(fresh.length > 0 ? fresh : candidates, interrupted);
  if (!choice.ok) {
    const why = `no member can be saved: ${choice.why}`;
    const isLate = deps.clock.now().getTime() - Date.parse(waitsSince) > CHOOSE_WITHIN_MS;
    throw isLate ? new BackupFailed(why) : new NotReadyYet(why);
  }
  const { member, etcdVersion, clusterId, raftTerm, appliedIndex } = choice.candidate;
  const instanceId = members.find((each) => each.member === member)?.instanceId ?? "";
  return { member, instanceId, etcdVersion, clusterId, raftTerm, raftIndex: appliedIndex };
}

export const handler = stepHandler(STEP, StepInput, saveSnapshot, collaborators(calls, ENV));
