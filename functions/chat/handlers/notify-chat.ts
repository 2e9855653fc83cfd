import { ssm } from "../../aws/ssm/client.ts";
import { findSetting } from "../../aws/ssm/settings.ts";
import { BusEvent, noticeOf, type Recorded } from "../../domain/chat/notices.ts";
import { NotificationSettings, SETTINGS } from "../../domain/chat/settings.ts";
import { eventHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { claimNotice, settleNotice } from "../../store/chat.ts";
import { findCluster, findEvent } from "../../store/clusters.ts";
import { adapters } from "../adapters/adapters.ts";
import { postJson } from "../outgoing-http.ts";

/**
 * Tells a channel what the event bus tells, if one is configured: repairs, degraded clusters, failures. A fact is told once,
 * however often its event comes, and
 * only as the table has it: whoever can put an event cannot put words into the channel. When the chat does not take it, the error brings the event again.
 */
const notifyChat = async (event: BusEvent): Promise<void> => {
  const settings = await findSetting(ssm, `${SETTINGS}/notifications`, NotificationSettings);
  if (!settings) return;
  const notice = noticeOf(event, await readRecorded(event));
  if (!notice || !(await claimNotice(table, notice.id, new Date()))) return;
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

const readRecorded = async ({ detail }: BusEvent): Promise<Recorded> =>
  "status" in detail
    ? { event: undefined, cluster: await findCluster(table, detail.cluster) }
    : { event: await findEvent(table, detail.cluster, detail.id), cluster: undefined };

export const handler = eventHandler(BusEvent, notifyChat);
