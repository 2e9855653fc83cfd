import * as z from "zod";
import type { Person } from "../../domain/chat/delivery.ts";
import { plain } from "../../domain/chat/message.ts";
import { isOnOrigin } from "../../domain/chat/settings.ts";
import { hmac, isSame, sha256 } from "../../domain/chat/signatures.ts";
import { type ChatAdapter, originsOf, type RawRequest } from "./adapter.ts";

const Id = z.string().regex(/^[a-z0-9]{1,26}$/);
const Plan = z.string().regex(/^[0-9a-f]{40}$/);

const SlashCommand = z.object({
  team_id: Id,
  user_id: Id,
  user_name: z.string().regex(/^[a-z0-9._-]{1,64}$/),
  text: z.string().max(8_000).default(""),
  response_url: z.string(),
  trigger_id: z.string().min(1),
});

/** A button's press; `context` is what we gave the button (developers.mattermost.com, interactive messages). */
const ButtonPress = z.object({
  team_id: Id,
  user_id: Id,
  user_name: z
    .string()
    .regex(/^[a-z0-9._-]{1,64}$/)
    .default("somebody"),
  trigger_id: z.string().min(1),
  context: z.object({ decision: z.enum(["confirm", "cancel"]), plan: Plan, proof: z.string() }),
});

/**
 * Mattermost signs nothing. A command carries the token of its integration; a button's press carries nothing of
 * Mattermost's, so the button itself holds a proof that it is ours. Presses have no answer address: answers go to the
 * command's.
 */
export const mattermost: ChatAdapter = {
  name: "mattermost",
  replyOrigins: [],

  verify: (request, { secret }) => {
    const press = readPress(request);
    const expected = press
      ? isSame(press.context.proof, proofOf(secret, press.context.plan))
      : isSame(tokenOf(request), secret);
    return expected ? { ok: true, fingerprint: sha256(request.body) } : { ok: false, reason: "wrong token" };
  },

  parse: (request, settings, now) => {
    const receivedAt = now.toISOString();
    const press = readPress(request);
    if (press) {
      const { decision, plan } = press.context;
      const from = person(press.team_id, press.user_id, press.user_name);
      const button = { kind: "button", decision, plan } as const;
      const id = idOf(press.trigger_id);
      const delivery = { id, adapter: "mattermost", from, request: button, replyUrl: null, receivedAt } as const;
      return { kind: "delivery", delivery };
    }
    const { data } = SlashCommand.safeParse(formOf(request));
    if (!data) return { kind: "answer", reply: { status: 200, body: {} } };
    if (!isOnOrigin(data.response_url, originsOf(mattermost, settings)))
      return { kind: "refused", reason: "foreign response_url" };
    return {
      kind: "delivery",
      delivery: {
        id: idOf(data.trigger_id),
        adapter: "mattermost",
        from: person(data.team_id, data.user_id, data.user_name),
        request: { kind: "command", text: data.text },
        replyUrl: data.response_url,
        receivedAt,
      },
    };
  },

  acknowledge: ({ request }) =>
    request.kind === "command"
      ? { status: 200, body: { response_type: "ephemeral", text: "One moment…" } }
      : { status: 200, body: { ephemeral_text: "One moment…" } },

  format: (message, { settings, ingressUrl }) => {
    const text = message.text.map((part) => (typeof part === "string" ? escaped(part) : `@${part.name}`)).join("");
    const body = message.body === null ? "" : `\n\`\`\`\n${plain(message.body).replaceAll("```", "'''")}\n\`\`\``;
    const response_type = message.audience === "channel" ? "in_channel" : "ephemeral";
    if (message.buttons === null) return { response_type, text: `${text}${body}` };
    const { plan, danger } = message.buttons;
    const button = (decision: "confirm" | "cancel", name: string, style: string) => ({
      id: decision,
      name,
      type: "button",
      style,
      integration: { url: ingressUrl, context: { decision, plan, proof: proofOf(settings.secret, plan) } },
    });
    const actions = [
      button("confirm", "Confirm", danger ? "danger" : "primary"),
      button("cancel", "Cancel", "default"),
    ];
    return { response_type, text: `${text}${body}`, attachments: [{ fallback: "Confirm or cancel", actions }] };
  },
};

function person(team: string, id: string, name: string): Person {
  return {
    principal: `mattermost:${team}/${id}`,
    id,
    name,
  };
}

function idOf(triggerId: string): string {
  return sha256(`mattermost#${triggerId}`).slice(0, 40);
}

function proofOf(secret: string, plan: string): string {
  return hmac(secret, `button of plan ${plan}`);
}

function formOf({ body }: RawRequest) {
  return Object.fromEntries(new URLSearchParams(body.toString("utf8")));
}

function tokenOf(request: RawRequest): string {
  const inHeader = /^Token (\S+)$/.exec(request.headers["authorization"] ?? "")?.[1];
  return inHeader ?? formOf(request)["token"] ?? "";
}

function readPress({ headers, body }: RawRequest): z.output<typeof ButtonPress> | undefined {
  if (!(headers["content-type"] ?? "").startsWith("application/json")) return undefined;
  try {
    return ButtonPress.safeParse(JSON.parse(body.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/**
 * Markdown's own characters are escaped. `@all` calls everybody, and an address becomes a link by itself: a zero-width
 * space keeps them from that.
 */
function escaped(text: string): string {
  return plain(text)
    .replace(/[\\`*_{}[\]()#|<>~!]/g, "\\$&")
    .replaceAll("@", "@\u200b")
    .replace(/(mailto:|:(?=\/\/))/gi, "$&\u200b")
    .replace(/\bwww\./gi, "$&\u200b");
}
