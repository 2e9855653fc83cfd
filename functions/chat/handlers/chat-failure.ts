import * as z from "zod";
import { aside } from "../../domain/chat/message.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { taskHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getConversation } from "../../store/chat.ts";
import { reply } from "../conversation/reply.ts";

const Input = z.object({ delivery: z.string().min(1) });
const { API_URL } = readEnv({ API_URL: NonEmpty });

/**
 * The work broke off. Says so, since silence in a chat looks like waiting; causes are in the log, not in the channel.
 */
export const handler = taskHandler(Input, async ({ delivery: id }) => {
  const { delivery } = await getConversation(table, id);
  const sentence =
    "Something failed. What has begun continues by itself; check with get operations before you repeat it.";
  await reply(table, API_URL, delivery, aside(sentence));
});
