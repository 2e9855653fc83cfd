import type { Begun } from "../../../domain/cluster/records.ts";
import { SurvivorSnapshot } from "../../../domain/restore/survivor.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls } from "../../../usecases/members/host-command.ts";
import { runHostJob } from "../../../usecases/members/host-job.ts";
import { readHeld, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls };

const STEP = "Snapshot survivor";
const ENV = { SNAPSHOT_SURVIVOR_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Makes a snapshot of what this member has, by a copy that etcd opens alone. Null where it has no data, or etcd does not
 * open it: another member may have survived better.
 */
export async function snapshotSurvivor(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<{ member: string; snapshot: SurvivorSnapshot | null; reason: string }> {
  const { restoration } = await readRestoration(deps, name);
  const { record, restoring } = await readHeld(deps, name, member);
  const { from } = restoration;
  const isWanted = from.kind === "survivor" && (from.member === null || from.member === member);
  if (!isWanted || restoring.freshVolumeId !== undefined || record.instanceId === null)
    return { member, snapshot: null, reason: "it has no former data" };
  const outcome = await runHostJob(
    deps,
    { operation, step: STEP, member, begun },
    {
      document: deps.env.SNAPSHOT_SURVIVOR_DOCUMENT,
      instanceId: record.instanceId,
      job: `${operation}-survivor`,
      parameters: { token: restoration.token },
    },
    SurvivorSnapshot,
  );
  return outcome.ok
    ? { member, snapshot: outcome.result, reason: "" }
    : { member, snapshot: null, reason: outcome.reason };
}

export const handler = stepHandler(STEP, MemberStepInput, snapshotSurvivor, collaborators(calls, ENV));
