import { NotReadyYet } from "../domain/errors.ts";
import type { Begun } from "../domain/records.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { askAnyMaster } from "../usecases/members.ts";

const env = readEnv({ API_READY_DOCUMENT: NonEmpty });

/** The API answers `/readyz` through the load balancer, as every client will ask it. */
const verifyApi = async ({ cluster }: StepInput, { first }: Begun): Promise<void> => {
  const asking = { withinMs: 8_000, firstLookMs: 300 };
  const answer = await askAnyMaster(table, { cluster, first }, env.API_READY_DOCUMENT, asking);
  if (!answer?.ok) throw new NotReadyYet("the API does not answer through its load balancer yet");
};

export const handler = stepHandler("Verify API", table, StepInputSchema, verifyApi);
