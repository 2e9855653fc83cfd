import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { askMaster, hostCommandCalls } from "../../usecases/members/host-command.ts";

const calls = { ...hostCommandCalls };

const STEP = "Verify API";
const ENV = { API_READY_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** The document asks for 15 seconds, and its last request may take five more. */
const ANSWERS_WITHIN_MS = 22_000;

/** The API answers `/readyz` through the load balancer, as every client will ask it. */
export async function verifyApi(deps: Collaborators, { cluster, operation }: StepRequest, begun: Begun): Promise<void> {
  const asking = { operation, step: STEP, member: null, begun };
  const question = { document: deps.env.API_READY_DOCUMENT, firstLookMs: 300, answersWithinMs: ANSWERS_WITHIN_MS };
  const answer = await askMaster(deps, asking, cluster, question);
  if (!answer.ok) throw new NotReadyYet("the API does not answer through its load balancer yet");
}

export const handler = stepHandler(STEP, StepInput, verifyApi, collaborators(calls, ENV));
