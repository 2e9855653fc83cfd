import { ec2 } from "../../../aws/ec2/client.ts";
import type { InstanceFacts } from "../../../aws/ec2/compute.ts";
import { volumeStates } from "../../../aws/ec2/storage.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import type { MemberRecord } from "../../../domain/cluster/records.ts";
import type { VolumeState } from "../../../domain/repair/member-assessment.ts";
import { type MemberRestoreFacts, planRestore } from "../../../domain/restore/restore-plan.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { askMasters, type LiveMaster, liveMasters, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

export const assessRestoreCalls = { ...restoreHostsCalls, ...bind(ec2, { volumeStates }) };

const ENV = { RESTORE_STATUS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof assessRestoreCalls, EnvOf<typeof ENV>>;

/** Clocks differ, and EC2 rounds: only what was launched well after the hold is known to obey it. */
const HOLD_MARGIN_MS = 10_000;
const GONE = new Set(["deleting", "deleted", "error"]);

/** Reads instances, volumes and every master's own report, and returns the next action of the restore. */
export async function assessRestore(deps: Collaborators, { cluster: name }: StepRequest) {
  const { cluster, restoration } = await readRestoration(deps, name);
  const members = await deps.store.listMembers(name);
  const isHeld = restoration.heldAt !== null && members.every(({ restoring }) => restoring != null);
  const masters = isHeld ? await liveMasters(deps, cluster) : [];
  const [reported, volumes] = await Promise.all([
    askMasters(deps, deps.env.RESTORE_STATUS_DOCUMENT, masters, { token: restoration.token }),
    deps.aws.volumeStates(members.flatMap(({ volumeId }) => volumeId ?? [])),
  ]);
  const facts = await Promise.all(
    members.map(async (record) => {
      const own = reported.filter(({ member }) => member === record.member);
      return factsOf(record, own, volumes, {
        heldAt: restoration.heldAt ?? 0,
        silentMs: isHeld ? await countSilence(deps, name, record, own) : 0,
      });
    }),
  );
  const action = planRestore({
    members: facts,
    held: isHeld,
    hasFile: restoration.file !== null,
    checked: restoration.checked,
  });
  if (action.kind === "wait") throw new NotReadyYet(action.reason);
  return {
    kind: action.kind,
    members: "members" in action ? action.members : [],
    reason: "reason" in action ? action.reason : "",
    allMembers: members.map(({ member }) => member),
  };
}

function factsOf(
  record: MemberRecord,
  own: readonly LiveMaster[],
  volumes: ReadonlyMap<string, VolumeState>,
  { heldAt, silentMs }: { readonly heldAt: number; readonly silentMs: number },
): MemberRestoreFacts {
  const { member, instanceId, volumeId, restoring, damage } = record;
  const volume = volumes.get(volumeId ?? "");
  const isRecorded = (each: InstanceFacts) => each.instanceId === instanceId && each.state === "running";
  const recorded = own.find(isRecorded);
  const others = own.filter((each) => !isRecorded(each));
  const instances = [...(recorded ? [recorded] : []), ...others].map((each) => ({
    instanceId: each.instanceId,
    afterHold: each.launchedAt > heldAt + HOLD_MARGIN_MS,
    report: each.report,
    silentMs,
  }));
  return {
    member,
    instances,
    attached: recorded !== undefined && volume?.attachedTo === instanceId,
    volumeLost: !volume || GONE.has(volume.state) || damage?.volumeId === volumeId,
    snapshotDone: restoring?.keptSnapshot !== undefined,
    generation: restoring?.generation ?? record.generation,
  };
}

/** For how long one of the member's instances has not answered; remembered on the member's record. */
async function countSilence(
  deps: Collaborators,
  cluster: string,
  { member, restoring }: MemberRecord,
  own: readonly LiveMaster[],
): Promise<number> {
  if (!restoring) return 0;
  const now = deps.clock.now().getTime();
  const isSilent = own.some(({ report }) => report === null);
  const since = isSilent ? (restoring.silentSince ?? now) : null;
  if (since !== (restoring.silentSince ?? null))
    await deps.store.updateMember(cluster, member, { restoring: { ...restoring, silentSince: since } });
  return since === null ? 0 : now - since;
}

export const handler = stepHandler("Assess restore", StepInput, assessRestore, collaborators(assessRestoreCalls, ENV));
