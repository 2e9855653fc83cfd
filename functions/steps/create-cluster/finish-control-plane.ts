import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { askMaster, hostCommandCalls } from "../../usecases/members/host-command.ts";
import { endOf } from "../../usecases/members/members.ts";

const calls = { ...hostCommandCalls };

const STEP = "Finish control plane";
const ENV = { FINISH_CONTROL_PLANE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Systems Manager ends the document after two minutes. */
const ANSWERS_WITHIN_MS = 130_000;

/** A master makes what is there once a cluster. Done again it changes nothing, whatever users have changed since. */
export async function finishControlPlane(
  deps: Collaborators,
  { cluster, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member: null, begun };
  const document = deps.env.FINISH_CONTROL_PLANE_DOCUMENT;
  const question = { document, firstLookMs: 1_000, answersWithinMs: ANSWERS_WITHIN_MS };
  const answer = await askMaster(deps, asking, cluster, question);
  if (!answer.ok) throw new NotReadyYet(`the control plane is not finished: ${endOf(answer)}`);
}

export const handler = stepHandler(STEP, StepInput, finishControlPlane, collaborators(calls, ENV));
