import { NotReadyYet } from "../domain/errors.ts";
import { askHosts } from "../gateways/run-command.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster } from "../usecases/members.ts";

const env = readEnv({ API_READY_DOCUMENT: NonEmpty });

/** The API answers `/readyz` through the load balancer, as every client will ask it. */
const verifyApi = async ({ cluster }: StepInput): Promise<void> => {
  const master = await anyHealthyMaster(table, cluster);
  await pollUntil(
    async () => {
      const [answer] = await askHosts(env.API_READY_DOCUMENT, [master], { withinMs: 20_000, firstLookMs: 300 });
      if (answer?.ok) return true;
      throw new NotReadyYet("the API does not answer through its load balancer yet");
    },
    { waitingFor: "the API", withinMs: 25_000, firstMs: 250 },
  );
};

export const handler = stepHandler("Verify API", table, StepInputSchema, verifyApi);
