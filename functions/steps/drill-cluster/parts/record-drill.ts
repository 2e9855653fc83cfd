import * as z from "zod";
import { s3 } from "../../../aws/s3/client.ts";
import { putObject } from "../../../aws/s3/objects.ts";
import type { BackupRecord } from "../../../domain/backup/backup-records.ts";
import { readDrillNote } from "../../../domain/backup/drill-note.ts";
import { evaluateDrill, lastPassed } from "../../../domain/backup/drill-result.ts";
import {
  BACKUP_OBJECTS,
  backupKey,
  type DrillResult,
  isVerified,
  type Manifest,
  pinnedTags,
} from "../../../domain/backup/manifest.ts";
import { OperationUnknown } from "../../../domain/cluster/errors.ts";
import { type Failure, readFailure } from "../../../domain/cluster/failure.ts";
import type { OperationRecord } from "../../../domain/cluster/records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, unleasedStepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { finishDrill, finishDrillCalls } from "../../../usecases/backup/finish-drill.ts";

const calls = { ...finishDrillCalls, ...bind(s3, { putObject }) };

const ENV = { BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({ error: z.string().optional(), cause: z.string().optional() });

export interface DrillEnd {
  readonly ok: boolean;
  readonly why: string;
}

/** Compares what the host found with the manifest, and records the result: in the manifest, the table and the history. */
export async function recordDrill(
  deps: Collaborators,
  { cluster: name, operation: id, error, cause = "" }: z.output<typeof Input>,
): Promise<DrillEnd> {
  const failure = error === undefined ? undefined : readFailure(error, cause);
  const operation = await findOperation(deps, id);
  // One of the schedule that could not even begin has no operation. It is tried again the next day.
  if (!operation && failure?.name === "BackupUnknown")
    await deps.store.recordBackupFacts(name, {
      lastDrillTriedAt: deps.clock.now().toISOString(),
      lastDrillError: failure.message,
    });
  if (operation?.status !== "RUNNING")
    return { ok: operation?.status === "SUCCEEDED", why: operation?.error?.message ?? failure?.message ?? "" };
  const note = readDrillNote(await deps.store.findSideNote(id));
  const backup = note && (await deps.store.findBackup(name, note.backup));
  const result = await resultOf(deps, operation, backup?.manifest, failure);
  // What has kept the drill from a host, or the host from its result, says nothing about the backup.
  const isTried = failure === undefined || failure.name === "BackupUnusable";
  if (backup && backup.removing !== true && isTried) {
    // Without a host the bucket lacks something of it: a manifest that is gone does not come back.
    if (note?.host) await recordInManifest(deps, backup, result);
    // The table comes last: a list that shows a drill finds it in the bucket, too.
    await deps.store.recordDrill(name, backup.manifest.id, result);
    if (!result.ok) await forgetVerified(deps, name, backup.manifest);
  }
  await finishDrill(deps, { operation, backup: note?.backup ?? null, result, failure });
  return { ok: result.ok, why: result.problems.join("; ") };
}

/** What was the newest verified backup is none now: the one before it is. A migration would rely on it. */
async function forgetVerified(deps: Collaborators, name: string, { id, uid }: Manifest): Promise<void> {
  const { backup } = await deps.store.getCluster(name);
  if (backup?.lastVerifiedId !== id) return;
  const left = (await deps.store.listBackups(name)).find(
    ({ manifest, removing }) => manifest.uid === uid && removing !== true && isVerified(manifest),
  );
  const { id: lastVerifiedId = null, takenAt: lastVerifiedAt = null } = left?.manifest ?? {};
  await deps.store.recordBackupFacts(name, { lastVerifiedId, lastVerifiedAt });
}

async function findOperation(deps: Collaborators, id: string): Promise<OperationRecord | undefined> {
  try {
    return await deps.store.getOperation(id);
  } catch (error) {
    if (error instanceof OperationUnknown) return undefined;
    throw error;
  }
}

async function resultOf(
  deps: Collaborators,
  { id, cluster, startedAt }: OperationRecord,
  manifest: Manifest | undefined,
  failure: Failure | undefined,
): Promise<DrillResult> {
  const now = deps.clock.now();
  const report = readDrillNote(await deps.store.findSideNote(id))?.report;
  const former = manifest && lastPassed(manifest, await deps.store.listBackups(cluster));
  const { problems, warnings } =
    failure || !manifest || !report
      ? { problems: [failure?.message ?? "the backup is no longer there"], warnings: [] }
      : evaluateDrill(manifest, report, former);
  return {
    operation: id,
    at: now.toISOString(),
    level: "data",
    ok: problems.length === 0,
    problems,
    warnings,
    seconds: Math.round((now.getTime() - Date.parse(startedAt)) / 1000),
    revision: report?.revision ?? null,
    totalKey: report?.file.totalKey ?? null,
    kinds: report?.kinds ?? {},
  };
}

async function recordInManifest(
  deps: Collaborators,
  { manifest, pinned }: BackupRecord,
  drill: DrillResult,
): Promise<void> {
  const key = backupKey(manifest, manifest.id, BACKUP_OBJECTS.manifest);
  const drilled = { ...manifest, verified: { ...manifest.verified, drill } };
  const tags = pinnedTags(pinned);
  await deps.aws.putObject({ bucket: deps.env.BACKUP_BUCKET, key }, JSON.stringify(drilled), { tags });
}

export const handler = unleasedStepHandler(Input, recordDrill, collaborators(calls, ENV));
