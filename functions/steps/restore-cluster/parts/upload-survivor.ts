import * as z from "zod";
import { s3 } from "../../../aws/s3/client.ts";
import { tagObject } from "../../../aws/s3/objects.ts";
import { backupKey, pinnedTags } from "../../../domain/backup/manifest.ts";
import { RestoreFailed } from "../../../domain/cluster/errors.ts";
import { type Begun, ownerOf } from "../../../domain/cluster/records.ts";
import { chooseSurvivor, SurvivorSnapshot } from "../../../domain/restore/survivor.ts";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { runHostJob } from "../../../usecases/members/host-job.ts";
import { recordOf } from "../../../usecases/members/members.ts";
import { recordEvent, recordEventCalls } from "../../../usecases/operations/record-event.ts";
import { changeRestoration, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls, ...recordEventCalls, ...bind(s3, { tagObject }) };

const STEP = "Upload survivor";
const ENV = { UPLOAD_SURVIVOR_DOCUMENT: NonEmpty, BACKUP_BUCKET: NonEmpty, SECRETS_KEY_ARN: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({
  candidates: z.array(z.object({ member: MemberName, snapshot: SurvivorSnapshot.nullable(), reason: z.string() })),
});
const Uploaded = z.object({ sha256: z.string() });

/** Chooses the member whose data is the furthest, and has it put where all masters fetch it. */
export async function uploadSurvivor(
  deps: Collaborators,
  { cluster: name, operation, candidates }: z.output<typeof Input>,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { from, token, startedAt } = restoration;
  const chosen = chooseSurvivor(candidates, from.kind === "survivor" ? from.member : null);
  if (!chosen) throw new RestoreFailed(`no member has usable data: ${explain(candidates)}`);
  const { member, snapshot } = chosen;
  const { instanceId } = await recordOf(deps, name, member);
  const key = backupKey(ownerOf(cluster), `survivor-${token}`, "snapshot.db.gz");
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member: null, begun },
    {
      document: deps.env.UPLOAD_SURVIVOR_DOCUMENT,
      instanceId: instanceId ?? "",
      job: `${operation}-upload`,
      parameters: { token, url: `s3://${deps.env.BACKUP_BUCKET}/${key}`, key: deps.env.SECRETS_KEY_ARN },
    },
    Uploaded,
  );
  if (!outcome.ok) throw new RestoreFailed(outcome.reason);
  await deps.aws.tagObject({ bucket: deps.env.BACKUP_BUCKET, key }, pinnedTags(false));
  const { sha256, bytes, revision, keys, totalSize, term, index } = snapshot;
  const message = `The data of member ${member} is restored: revision ${revision}, ${keys} keys, term ${term}, index ${index}.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, name, { time, type: "survivor-chosen", message, member, operation });
  const file = { key, sha256, bytes, revision, keys, totalSize, takenAt: startedAt };
  await changeRestoration(deps, { cluster: name, operation }, { ...restoration, file });
}

function explain(candidates: z.output<typeof Input>["candidates"]): string {
  return candidates.map(({ member, reason }) => `${member}: ${reason}`).join("; ");
}

export const handler = stepHandler(STEP, Input, uploadSurvivor, collaborators(calls, ENV));
