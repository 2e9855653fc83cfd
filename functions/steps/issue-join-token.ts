import { NotReadyYet } from "../domain/errors.ts";
import { askHosts } from "../gateways/run-command.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster } from "../usecases/members.ts";

const env = readEnv({ JOIN_TOKEN_DOCUMENT: NonEmpty });

/** A master makes a bootstrap token and puts it where nodes may read it; this function never sees it. */
const issueJoinToken = async ({ cluster }: StepInput): Promise<void> => {
  const master = await anyHealthyMaster(table, cluster);
  const [answer] = await askHosts(env.JOIN_TOKEN_DOCUMENT, [master], { withinMs: 25_000, firstLookMs: 300 });
  if (!answer?.ok) throw new NotReadyYet(`${master} could not issue a join token: ${answer?.status ?? "no answer"}`);
};

export const handler = stepHandler("Issue join token", table, StepInputSchema, issueJoinToken);
