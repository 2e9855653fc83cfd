import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { issueToken } from "../usecases/join-token.ts";
import { anyHealthyMaster } from "../usecases/members.ts";

const env = readEnv({ JOIN_TOKEN_DOCUMENT: NonEmpty });

/** The first token by which nodes join; the sweep has it made anew. */
const issueJoinToken = async ({ cluster }: StepInput): Promise<void> => {
  const master = await anyHealthyMaster(table, cluster);
  await issueToken(table, cluster, { document: env.JOIN_TOKEN_DOCUMENT, master, withinMs: 25_000 });
};

export const handler = stepHandler("Issue join token", table, StepInputSchema, issueJoinToken);
