import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ssm } from "../../aws/ssm/client.ts";
import { findSetting } from "../../aws/ssm/settings.ts";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import { IngressSettings, SETTINGS } from "../../domain/chat/settings.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { httpHandler } from "../../runtime/http-handler.ts";
import { logger } from "../../runtime/logger.ts";
import type { Reply } from "../../runtime/problems.ts";
import { table } from "../../runtime/table.ts";
import { recordDelivery } from "../../store/chat.ts";
import type { ChatAdapter } from "../adapters/adapter.ts";

/** A command has a few hundred bytes; a button comes with the whole message that it stands in. */
const MAX_BYTES = 65_536;
/** Slack's largest form has some twenty fields. */
const MAX_FIELDS = 100;
const AMPERSAND = 0x26;

/**
 * Receives a chat's request: verifies it, records the delivery, starts its work and answers at once, since chats wait
 * three seconds. A repeated delivery has no second effect and gets the same answer.
 */
export function chatIngress(adapter: ChatAdapter) {
  const env = readEnv({ CHAT_STATE_MACHINE: NonEmpty });
  return httpHandler(async (event): Promise<Reply> => {
    const body = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
    if (body.length > MAX_BYTES || fieldsOf(body) > MAX_FIELDS) return refusal(413, "too large");
    const settings = await findSetting(ssm, `${SETTINGS}/${adapter.name}`, IngressSettings);
    if (!settings) return refusal(404, "Not Found");
    const request = { headers: event.headers, body };
    const now = new Date();
    const result = adapter.verify(request, settings, now.getTime());
    if (!result.ok) return unauthorized(event, result.reason);
    const incoming = adapter.parse(request, settings, now);
    if (incoming.kind === "refused") return unauthorized(event, incoming.reason);
    if (incoming.kind === "answer") return incoming.reply;
    const { delivery } = incoming;
    const seen = await recordDelivery(table, delivery, result.fingerprint, now);
    // Named after the delivery: if we died before this line, the chat's second try starts it, and otherwise nothing.
    const started = await startExecution(sfn, env.CHAT_STATE_MACHINE, `chat-${delivery.id}`, { delivery: delivery.id });
    logger.info("chat delivery", { delivery: delivery.id, principal: delivery.from.principal, seen, started });
    return adapter.acknowledge(delivery);
  });
}

function fieldsOf(body: Buffer): number {
  let fields = 1;
  for (const byte of body) if (byte === AMPERSAND) fields++;
  return fields;
}

function refusal(status: number, message: string): Reply {
  return { status, body: { message } };
}

/** The caller gets no reason; the log has it. */
function unauthorized(event: APIGatewayProxyEventV2, reason: string): Reply {
  logger.warn("a chat request was refused", { reason, sourceIp: event.requestContext.http.sourceIp });
  return refusal(401, "Unauthorized");
}
