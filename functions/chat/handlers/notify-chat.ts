import { ssm } from "../../aws/ssm/client.ts";
import { findSetting } from "../../aws/ssm/settings.ts";
import { BusEvent, notificationOf, type Recorded } from "../../domain/chat/notifications.ts";
import { NotificationSettings, SETTINGS } from "../../domain/chat/settings.ts";
import { eventHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { claimNotification, completeNotification } from "../../store/chat.ts";
import { findCluster } from "../../store/clusters.ts";
import { findEvent } from "../../store/events.ts";
import { adapters } from "../adapters/adapters.ts";
import { postJson } from "../outgoing-http.ts";

/** Nobody waits for a notification, and every operation publishes several events: without a chat they cost one call. */
const ABSENT_MS = 30_000;

/**
 * Posts published events to a channel, if one is configured: repairs, degraded clusters, failures. A fact is posted
 * once, however often its event arrives, with the text that the table has: whoever can publish an event cannot choose
 * the words. If the chat refuses it, the error repeats the event.
 */
async function notifyChat(event: BusEvent): Promise<void> {
  const notification = notificationOf(event, await readRecorded(event));
  if (!notification) return;
  const settings = await findSetting(ssm, `${SETTINGS}/notifications`, NotificationSettings, { absentMs: ABSENT_MS });
  if (!settings || !(await claimNotification(table, notification.id, new Date()))) return;
  const adapter = adapters[settings.adapter];
  const message = {
    text: [notification.text],
    body: null,
    audience: "channel",
    replace: false,
    buttons: null,
  } as const;
  try {
    const body = adapter.format(message, { settings: { secret: "" }, ingressUrl: "" });
    await postJson(settings.url, body, settings.origins ?? adapter.replyOrigins);
  } catch (error) {
    await completeNotification(table, notification.id, false);
    throw error;
  }
  await completeNotification(table, notification.id, true);
}

async function readRecorded({ detail }: BusEvent): Promise<Recorded> {
  return "status" in detail
    ? { event: undefined, cluster: await findCluster(table, detail.cluster) }
    : { event: await findEvent(table, detail.cluster, detail.id), cluster: undefined };
}

export const handler = eventHandler(BusEvent, notifyChat);
