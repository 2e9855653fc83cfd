import { ApiClient } from "../../../client/api-client.ts";
import { findCluster } from "../../../client/wait.ts";
import { OperationViewSchema } from "../../domain/api/views.ts";
import { evaluatePost, progressSentence } from "../../domain/chat/progress.ts";
import { getConversation } from "../../store/chat.ts";
import type { Chat } from "./exchange.ts";
import { addressOf, reply } from "./reply.ts";

/** Reads an operation once and posts its progress if that is worth a message. True if nothing more will follow. */
export async function sayProgress(
  chat: Pick<Chat, "table" | "target">,
  deliveryId: string,
  operationId: string,
): Promise<boolean> {
  const { table, target } = chat;
  const { delivery } = await getConversation(table, deliveryId);
  const conversation = await getConversation(table, (await addressOf(table, delivery)).id);
  const api = new ApiClient(target);
  const operation = await api.get(`/operations/${encodeURIComponent(operationId)}`, OperationViewSchema);
  const cluster = await findCluster(api, operation.cluster);
  const sentence = progressSentence(operation, cluster);
  const ended = operation.status !== "RUNNING";
  const result = evaluatePost({
    posts: conversation.posts,
    ageMs: Date.now() - Date.parse(delivery.receivedAt),
    ended,
    said: conversation.said,
    now: sentence,
  });
  // Said before, by a run that died after it.
  if (ended && conversation.said === sentence) return true;
  if (result === "wait") return false;
  const mark = !ended ? "⏳" : operation.status === "SUCCEEDED" ? "✅" : "🔴";
  const later = result === "close" ? " This message ends here; ask for get operations." : "";
  const text = [
    `${mark} ${operation.kind} ${operation.cluster}, confirmed by `,
    delivery.from,
    `: ${sentence}${later}`,
  ];
  const message = { text, body: null, audience: "channel", replace: true, buttons: null } as const;
  await reply(table, target.url, delivery, message, sentence);
  return ended || result === "close";
}
