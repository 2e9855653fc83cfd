import { NotReadyYet } from "../domain/errors.ts";
import { askHosts } from "../gateways/run-command.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster } from "../usecases/members.ts";

const env = readEnv({ API_READY_DOCUMENT: NonEmpty });

/** The API answers `/readyz` through the load balancer, as every client will ask it. */
const verifyApi = async ({ cluster }: StepInput): Promise<void> => {
  const master = await anyHealthyMaster(table, cluster);
  const [answer] = await askHosts(env.API_READY_DOCUMENT, [master], { withinMs: 8_000, firstLookMs: 300 });
  if (!answer?.ok) throw new NotReadyYet("the API does not answer through its load balancer yet");
};

export const handler = stepHandler("Verify API", table, StepInputSchema, verifyApi);
