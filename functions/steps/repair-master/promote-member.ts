import { CatchUpFailed, NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { readProgress, whyNotPromoted } from "../../domain/repair/catch-up.ts";
import { peerUrlOf } from "../../domain/repair/member-list.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import {
  type Asking,
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../usecases/members/host-command.ts";
import { planOf, recordOf } from "../../usecases/members/members.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...hostCommandCalls, ...recordEventCalls };

const STEP = "Promote member";
const ENV = {
  MEMBER_PROGRESS_DOCUMENT: NonEmpty,
  PROMOTE_MEMBER_DOCUMENT: NonEmpty,
  REMOVE_LEARNER_DOCUMENT: NonEmpty,
};
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * etcd's largest store, 8 GiB, is copied in that time at 15 MB/s; a gp3 volume and a zone's network do ten times that.
 */
const CATCH_UP_MS = 10 * 60_000;
const PAUSE_MS = 60 * 60_000;

/** Promotes the learner once it has caught up, first by Holdfast's own limit, then by etcd's, which is wider. */
export async function promoteMember(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member, begun };
  const plan = planOf(await deps.store.getCluster(name), member);
  const helper = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS, member);
  try {
    // A former run that asked for the promotion has seen that the learner caught up.
    if (begun.command?.document !== deps.env.PROMOTE_MEMBER_DOCUMENT) {
      const progress = await runDocument(deps, asking, helper, deps.env.MEMBER_PROGRESS_DOCUMENT);
      const why = whyNotPromoted(readProgress(progress), plan.address);
      if (why !== undefined) throw new NotReadyYet(`member ${member} has not caught up: ${why}`);
    }
    await runDocument(deps, asking, helper, deps.env.PROMOTE_MEMBER_DOCUMENT, { peerUrl: peerUrlOf(plan.address) });
  } catch (error) {
    const { renewal, volumeId } = await recordOf(deps, name, member);
    if (
      !(error instanceof NotReadyYet) ||
      deps.clock.now().getTime() - (renewal?.since ?? deps.clock.now().getTime()) < CATCH_UP_MS
    )
      throw error;
    await giveUp(deps, { cluster: name, operation, member }, asking, {
      helper,
      peerUrl: peerUrlOf(plan.address),
      volumeId,
    });
  }
  await deps.store.updateMember(name, member, { renewal: null });
  await recordEvent(deps, name, {
    time: deps.clock.now().toISOString(),
    type: "member-promoted",
    message: `Member ${member} has caught up on its new volume and votes again.`,
    member,
    operation,
  });
}

/** Removes the learner, so that the cluster is as before (docs/references/faults.md#q6). */
async function giveUp(
  deps: Collaborators,
  { cluster, operation, member }: MemberStepRequest,
  asking: Asking,
  learner: { readonly helper: string; readonly peerUrl: string; readonly volumeId: string | null },
): Promise<never> {
  const { helper, peerUrl, volumeId } = learner;
  await runDocument(deps, asking, helper, deps.env.REMOVE_LEARNER_DOCUMENT, { peerUrl });
  const now = deps.clock.now().getTime();
  const damage = { volumeId: volumeId ?? "", reason: "its learner never caught up", retryAt: now + PAUSE_MS };
  await deps.store.updateMember(cluster, member, { renewal: null, damage });
  const message = `Member ${member} did not catch up within ten minutes and was removed from etcd again; the cluster is as before.`;
  const time = new Date(now).toISOString();
  await recordEvent(deps, cluster, { time, type: "member-given-up", message, member, operation });
  throw new CatchUpFailed(message);
}

export const handler = stepHandler(STEP, MemberStepInput, promoteMember, collaborators(calls, ENV));
