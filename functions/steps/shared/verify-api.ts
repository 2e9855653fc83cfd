import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { askMaster } from "../../usecases/members/host-command.ts";

const STEP = "Verify API";
const env = readEnv({ API_READY_DOCUMENT: NonEmpty });

/** The document asks for 15 seconds, and its last request may take five more. */
const ANSWERS_WITHIN_MS = 22_000;

/** The API answers `/readyz` through the load balancer, as every client will ask it. */
const verifyApi = async ({ cluster, operation }: StepInput, begun: Begun): Promise<void> => {
  const asking = { operation, step: STEP, member: null, begun };
  const question = { document: env.API_READY_DOCUMENT, firstLookMs: 300, answersWithinMs: ANSWERS_WITHIN_MS };
  const answer = await askMaster(table, asking, cluster, question);
  if (!answer.ok) throw new NotReadyYet("the API does not answer through its load balancer yet");
};

export const handler = stepHandler(STEP, table, StepInputSchema, verifyApi);
