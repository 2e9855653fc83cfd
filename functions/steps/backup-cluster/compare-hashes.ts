import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { ssm } from "../../aws/ssm/client.ts";
import { askHosts } from "../../aws/ssm/run-command.ts";
import { readNote } from "../../domain/backup/backup-note.ts";
import { compareHashes, type HashResult, type MemberHash, readHash } from "../../domain/backup/hashes.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { idWithin, recordEventCalls, recordEventOnce } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls, ...bind(ssm, { askHosts }) };

const ENV = { MEMBER_HASH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "backup" });
const ASK_WITHIN_MS = 15_000;

/**
 * Compares the members' keys at the snapshot's revision, and the file's where its hash is known. That too few could be
 * compared is no failure: API servers compact each five minutes, and the next backup asks again.
 */
export async function compareMembers(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
): Promise<HashResult | null> {
  const note = readNote(await deps.store.findSideNote(operation));
  const { snapshot } = note;
  if (!snapshot) throw new NotReadyYet("the snapshot is not noted yet");
  const hashes = await askMembers(deps, name, snapshot.status.revision);
  const file = snapshot.hashkv === null ? [] : [{ member: "file", ...snapshot.hashkv }];
  const result = compareHashes([...hashes, ...file]);
  const { member = "" } = note.attempts.at(-1) ?? {};
  const own = hashes.find((each) => each.member === member) ?? file[0] ?? null;
  const memberHash = own && { hash: own.hash, compactRevision: own.compactRevision };
  if (result?.equal === false) await report(deps, name, snapshot.status.revision, result, [...hashes, ...file]);
  await deps.store.noteSide(operation, { ...note, hashkv: result, memberHash });
  return result;
}

async function askMembers(deps: Collaborators, cluster: string, revision: number): Promise<MemberHash[]> {
  const members = (await deps.store.listMembers(cluster)).filter(({ health }) => health === "healthy");
  const instances = members.flatMap(({ instanceId }) => instanceId ?? []);
  const parameters = { revision: [String(revision)] };
  const answers = await deps.aws.askHosts(deps.env.MEMBER_HASH_DOCUMENT, instances, {
    withinMs: ASK_WITHIN_MS,
    parameters,
  });
  return members.flatMap(({ member, instanceId }) => {
    const answer = answers.find((each) => each.instanceId === instanceId);
    return (answer && readHash(member, answer.output)) ?? [];
  });
}

/** Once a day. Nothing else is done: which member is right, a person must decide. */
async function report(
  deps: Collaborators,
  cluster: string,
  revision: number,
  { members }: HashResult,
  hashes: readonly MemberHash[],
): Promise<void> {
  const said = hashes.map(({ member, hash, compactRevision }) => `${member} ${hash} from ${compactRevision}`);
  const event = {
    time: deps.clock.now().toISOString(),
    type: "members-diverge",
    message:
      `${members.join(", ")} have not the same keys at revision ${revision}: ${said.join(", ")}. The backup is kept and ` +
      "marked; nothing else is done (docs/runbooks/backups.md).",
    member: null,
    operation: null,
  };
  await recordEventOnce(deps, cluster, event, idWithin("day", event));
  metrics.addMetric("MembersDiverge", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

export const handler = stepHandler("Compare hashes", StepInput, compareMembers, collaborators(calls, ENV));
