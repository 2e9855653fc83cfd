import { EXIT } from "../../../client/exit-codes.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { findSetting } from "../../aws/ssm/settings.ts";
import { AccessRules, mayDo } from "../../domain/access/authorization.ts";
import { SETTINGS } from "../../domain/chat/settings.ts";
import { shown } from "../../domain/spec/values.ts";
import { getConversation } from "../../store/chat.ts";
import { pressButton } from "./button.ts";
import {
  type Audited,
  askForButton,
  type Exchange,
  MAX_SHOWN_LENGTH,
  preview,
  readRequest,
  record,
  say,
  textOf,
} from "./exchange.ts";
import { deniedSentence } from "./session.ts";

/** Does what somebody in a chat asked for, and answers there. Returns the operation that is to be followed, or null. */
export async function answer(chat: Audited, deliveryId: string): Promise<string | null> {
  const { delivery } = await getConversation(chat.table, deliveryId);
  const access = await findSetting(ssm, `${SETTINGS}/access`, AccessRules);
  const exchange = { ...chat, delivery, access: access ?? { principals: {}, roles: {}, secondPerson: [] } };
  if (delivery.request.kind === "button") return pressButton(exchange, delivery.request);
  await answerCommand(exchange, delivery.request.text);
  return null;
}

async function answerCommand(exchange: Exchange, text: string): Promise<void> {
  const request = readRequest(text);
  if (request.kind !== "run") {
    await say(
      exchange,
      request.kind === "say" ? "Usage" : request.reason,
      request.kind === "say" ? request.text : null,
    );
    return record(exchange, { what: text, cluster: null, outcome: "refused", detail: null });
  }
  const asked = { what: text, cluster: request.cluster };
  // Permissions are checked for each item that is read; the name may also be an operation's.
  const scope = request.action === "read" ? null : request.cluster;
  if (!mayDo(exchange.access, exchange.delivery.from.principal, request.action, scope)) {
    const denial = deniedSentence(request.action, request.cluster);
    await say(exchange, `Sorry, ${denial}. Roles are given in ${SETTINGS}/access.`, null);
    return record(exchange, { ...asked, outcome: "denied", detail: denial });
  }
  const result = await preview(exchange, request);
  if (!request.confirm || result.code !== EXIT.done) {
    await say(exchange, shown(text, MAX_SHOWN_LENGTH), textOf(result));
    const outcome = result.code === EXIT.done ? "shown" : "failed";
    return record(exchange, { ...asked, outcome, detail: null });
  }
  await askForButton(exchange, text, request, result);
  return record(exchange, { ...asked, outcome: "asked", detail: null });
}
