import { ssm } from "../../aws/ssm/client.ts";
import { findSetting } from "../../aws/ssm/settings.ts";
import type { Delivery } from "../../domain/chat/delivery.ts";
import type { ChatMessage } from "../../domain/chat/message.ts";
import { IngressSettings, SETTINGS } from "../../domain/chat/settings.ts";
import { logger } from "../../runtime/logger.ts";
import { countPost, findPlan, getConversation } from "../../store/chat.ts";
import type { Table } from "../../store/keys.ts";
import { originsOf } from "../adapters/adapter.ts";
import { adapters } from "../adapters/adapters.ts";
import { postJson } from "../outgoing-http.ts";

/**
 * Posts a message where the delivery expects answers. If the chat refuses it, the request is still executed or refused,
 * and the audit records it. `said` is stored, so that nothing is posted twice.
 */
export async function reply(
  table: Table,
  apiUrl: string,
  delivery: Delivery,
  message: ChatMessage,
  said = "",
): Promise<void> {
  const { id, replyUrl } = await addressOf(table, delivery);
  if (replyUrl === null) return logger.warn("nowhere to answer", { delivery: id });
  if (!(await countPost(table, id, said))) return logger.warn("no answer is left", { delivery: id });
  try {
    const adapter = adapters[delivery.adapter];
    const settings = await findSetting(ssm, `${SETTINGS}/${adapter.name}`, IngressSettings);
    if (!settings) throw new Error(`${adapter.name} is not configured any more`);
    const body = adapter.format(message, { settings, ingressUrl: `${apiUrl}/chat/${adapter.name}` });
    await postJson(replyUrl, body, originsOf(adapter, settings));
  } catch (error) {
    logger.warn("a message was not taken", { delivery: id, error: error instanceof Error ? error : String(error) });
  }
}

/** The delivery whose address takes the answers: its own, or for a button without one that of the command. */
export async function addressOf(table: Table, delivery: Delivery): Promise<Delivery> {
  if (delivery.replyUrl !== null || delivery.request.kind !== "button") return delivery;
  const plan = await findPlan(table, delivery.request.plan);
  return plan ? (await getConversation(table, plan.askedIn)).delivery : delivery;
}
