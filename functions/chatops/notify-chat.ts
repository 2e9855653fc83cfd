import { BusEvent, noticeOf } from "../domain/chat/notices.ts";
import { NotificationSettings, SETTINGS } from "../domain/chat/settings.ts";
import { postJson } from "../gateways/outgoing-http.ts";
import { findSetting } from "../gateways/settings.ts";
import { claimNotice, settleNotice } from "../gateways/table/chat.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { adapters } from "./adapters/adapters.ts";

/**
 * Tells a channel what the event bus tells, if one is configured: repairs, degraded clusters, failures. A fact is told once,
 * however often its event comes. When the chat does not take it, the error brings the event again.
 */
const notifyChat = async (event: BusEvent): Promise<void> => {
  const notice = noticeOf(event);
  if (!notice) return;
  const settings = await findSetting(`${SETTINGS}/notifications`, NotificationSettings);
  if (!settings || !(await claimNotice(table, notice.id, new Date()))) return;
  const adapter = adapters[settings.adapter];
  const message = { text: [notice.text], body: null, audience: "channel", replace: false, buttons: null } as const;
  try {
    const body = adapter.format(message, { settings: { secret: "" }, doorUrl: "" });
    await postJson(settings.url, body, settings.origins ?? adapter.replyOrigins);
  } catch (error) {
    await settleNotice(table, notice.id, false);
    throw error;
  }
  await settleNotice(table, notice.id, true);
};

export const handler = eventHandler(BusEvent, notifyChat);
