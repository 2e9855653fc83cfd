import * as z from "zod";
import { plain } from "../../domain/chat/message.ts";
import { isOnOrigin } from "../../domain/chat/settings.ts";
import { sha256, verifySigned } from "../../domain/chat/signatures.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import { type ChatAdapter, originsOf } from "./adapter.ts";

const User = z.string().regex(/^[\w.@+-]{1,64}$/);
const Request = z.union([
  z.strictObject({ id: z.string().min(1).max(128), user: User, text: z.string().max(8_000), replyUrl: z.string() }),
  z.strictObject({
    id: z.string().min(1).max(128),
    user: User,
    plan: z.string().regex(/^[0-9a-f]{40}$/),
    decision: z.enum(["confirm", "cancel"]),
    replyUrl: z.string(),
  }),
]);

/** For chats of one's own: JSON, signed as Slack signs, under our own header names (docs/chat.md). */
export const webhook: ChatAdapter = {
  name: "webhook",
  replyOrigins: [],

  verify: ({ headers, body }, { secret }, nowMs) => {
    const seconds = headers["x-holdfast-timestamp"];
    return verifySigned({ seconds, signature: headers["x-holdfast-signature"], body }, secret, nowMs);
  },

  parse: (request, settings, now) => {
    const { data } = Request.safeParse(parseJson(request.body.toString("utf8")));
    if (!data) return { kind: "answer", reply: { status: 400, body: { message: "not a request of docs/chat.md" } } };
    if (!isOnOrigin(data.replyUrl, originsOf(webhook, settings)))
      return { kind: "refused", reason: "foreign replyUrl" };
    const { id, user, replyUrl } = data;
    return {
      kind: "delivery",
      delivery: {
        id: sha256(`webhook#${id}`).slice(0, 40),
        adapter: "webhook",
        from: { principal: `webhook:${user}`, id: user, name: user },
        request:
          "text" in data
            ? { kind: "command", text: data.text }
            : { kind: "button", decision: data.decision, plan: data.plan },
        replyUrl,
        receivedAt: now.toISOString(),
      },
    };
  },

  acknowledge: () => ({ status: 202, body: {} }),

  /** Plain text: whoever shows it escapes it. */
  format: (message) => ({
    audience: message.audience,
    replace: message.replace,
    text: plain(message.text.map((part) => (typeof part === "string" ? part : part.name)).join("")),
    body: message.body === null ? null : plain(message.body),
    plan: message.buttons?.plan ?? null,
  }),
};
