import * as z from "zod";
import type { Delivery, Person } from "../../domain/chat/delivery.ts";
import { type ChatMessage, plain } from "../../domain/chat/message.ts";
import { type IngressSettings, isOnOrigin } from "../../domain/chat/settings.ts";
import { sha256, verifySigned } from "../../domain/chat/signatures.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import { type ChatAdapter, type Incoming, originsOf } from "./adapter.ts";

/** Team and user ids; the pattern also keeps a mention from being anything else. */
const Id = z.string().regex(/^[A-Z0-9]{1,24}$/);

const SlashCommand = z.object({
  team_id: Id,
  user_id: Id,
  user_name: z.string().max(80).default(""),
  api_app_id: z.string().max(40).default(""),
  text: z.string().max(8_000).default(""),
  response_url: z.string(),
  trigger_id: z.string().min(1),
});

/** `block_actions`: one button was pressed; its value is a plan's id. */
const Interaction = z.object({
  type: z.literal("block_actions"),
  api_app_id: z.string().default(""),
  team: z.object({ id: Id }),
  user: z.object({ id: Id, username: z.string().default(""), team_id: Id.optional() }),
  response_url: z.string(),
  trigger_id: z.string().min(1),
  actions: z.tuple([z.object({ action_id: z.enum(["confirm", "cancel"]), value: z.string().regex(/^[0-9a-f]{40}$/) })]),
});

/** Section texts end at 3,000 characters (docs.slack.dev/reference/block-kit/blocks/section-block). */
const SECTION = 2_900;

export const slack: ChatAdapter = {
  name: "slack",
  replyOrigins: ["https://hooks.slack.com"],

  verify: ({ headers, body }, { secret }, nowMs) => {
    const seconds = headers["x-slack-request-timestamp"];
    return verifySigned({ seconds, signature: headers["x-slack-signature"], body }, secret, nowMs);
  },

  parse: (request, settings, now) => {
    const form = Object.fromEntries(new URLSearchParams(request.body.toString("utf8")));
    const found = form["payload"] === undefined ? readCommand(form) : readButton(form["payload"]);
    if (!found) return { kind: "answer", reply: { status: 200, body: undefined } };
    return toIncoming(found, settings, now);
  },

  acknowledge: ({ request }) =>
    request.kind === "command"
      ? { status: 200, body: { response_type: "ephemeral", text: "One moment…" } }
      : { status: 200, body: undefined },

  format: (message) => {
    const text = message.text.map((part) => (typeof part === "string" ? escaped(part) : mention(part))).join("");
    return {
      response_type: message.audience === "channel" ? "in_channel" : "ephemeral",
      replace_original: message.replace,
      unfurl_links: false,
      unfurl_media: false,
      text,
      blocks: [section(text), ...pieces(message.body ?? "").map((piece) => section(piece)), ...buttons(message)],
    };
  },
};

interface Found {
  readonly app: string;
  readonly triggerId: string;
  readonly from: Person;
  readonly replyUrl: string;
  readonly request: Delivery["request"];
}

function person(team: string, id: string, name: string): Person {
  return { principal: `slack:${team}/${id}`, id, name };
}

function readCommand(form: Readonly<Record<string, string>>): Found | undefined {
  const { data } = SlashCommand.safeParse(form);
  return (
    data && {
      app: data.api_app_id,
      triggerId: data.trigger_id,
      from: person(data.team_id, data.user_id, data.user_name),
      replyUrl: data.response_url,
      request: { kind: "command", text: data.text },
    }
  );
}

function readButton(payload: string): Found | undefined {
  const { data } = Interaction.safeParse(parseJson(payload));
  if (!data) return undefined;
  const [action] = data.actions;
  return {
    app: data.api_app_id,
    triggerId: data.trigger_id,
    // In a channel that two workspaces share, the user's own one counts.
    from: person(data.user.team_id ?? data.team.id, data.user.id, data.user.username),
    replyUrl: data.response_url,
    request: { kind: "button", decision: action.action_id, plan: action.value },
  };
}

function toIncoming({ app, triggerId, ...rest }: Found, settings: IngressSettings, now: Date): Incoming {
  if (settings.app !== undefined && settings.app !== app) return { kind: "refused", reason: "another app" };
  if (!isOnOrigin(rest.replyUrl, originsOf(slack, settings)))
    return { kind: "refused", reason: "foreign response_url" };
  const id = sha256(`slack#${triggerId}`).slice(0, 40);
  return { kind: "delivery", delivery: { id, adapter: "slack", ...rest, receivedAt: now.toISOString() } };
}

/** The three characters of Slack's markup; without them `<!channel>` is nothing but text. */
function escaped(text: string): string {
  return plain(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function mention({ id }: Person): string {
  return `<@${id}>`;
}

/**
 * Verbatim: Slack makes links of addresses and names that stand in a text by themselves, and some are a machine's
 * words.
 */
function section(text: string) {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

/** As blocks of code that fit, cut between lines. */
function pieces(body: string): string[] {
  const chunks: string[] = [];
  // What could end the block of code early does not.
  for (const line of escaped(body)
    .replaceAll("```", "'''")
    .split("\n")
    .map((line) => line.slice(0, SECTION))) {
    const last = chunks.at(-1);
    if (last === undefined || last.length + line.length + 1 > SECTION) chunks.push(line);
    else chunks[chunks.length - 1] = `${last}\n${line}`;
  }
  return chunks.filter((chunk) => chunk !== "").map((chunk) => `\`\`\`${chunk}\`\`\``);
}

function buttons({ buttons: wanted }: ChatMessage) {
  if (wanted === null) return [];
  const button = (action_id: string, label: string, style: object) => ({
    type: "button",
    action_id,
    text: { type: "plain_text", text: label },
    value: wanted.plan,
    ...style,
  });
  const confirm = button("confirm", "Confirm", { style: wanted.danger ? "danger" : "primary" });
  return [{ type: "actions", elements: [confirm, button("cancel", "Cancel", {})] }];
}
