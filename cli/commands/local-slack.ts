import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { CommandFailed } from "../../client/api-errors.ts";
import { EXIT, type ExitCode } from "../../client/exit-codes.ts";
import type { Session } from "../../client/session.ts";
import { printable, type Terminal } from "../../client/terminal.ts";
import { SETTINGS } from "../../functions/domain/chat/settings.ts";
import { signature } from "../../functions/domain/chat/signatures.ts";

/** Always the same, since functions believe a setting for a while. */
const PORT = 4519;
const ORIGIN = `http://127.0.0.1:${PORT}`;
/** Known to everybody, and good for nothing but a local cloud. */
const SECRET = "local-signing-secret";
const PERSON = { team: "TLOCAL", user: "ULOCAL" };
const QUIET_LIMIT_MS = 15 * 60_000;

const Message = z.object({
  text: z.string(),
  blocks: z.array(
    z.object({
      type: z.string(),
      text: z.object({ text: z.string() }).optional(),
      elements: z
        .array(z.object({ action_id: z.string(), value: z.string(), text: z.object({ text: z.string() }) }))
        .default([]),
    }),
  ),
});
type Message = z.output<typeof Message>;

/**
 * One conversation with the local cloud's Slack endpoint, in this terminal: signs like Slack, takes and shows the
 * answers.
 */
export async function localSlack(line: string, session: Session): Promise<ExitCode> {
  await putSettings(session);
  const inbox: Message[] = [];
  const server = createServer(async (request, response) => {
    inbox.push(Message.parse(JSON.parse(await text(request))));
    response.end();
    server.emit("message");
  });
  server.listen(PORT, "127.0.0.1");
  try {
    await once(server, "listening");
    const next = async (): Promise<Message> => {
      while (inbox.length === 0) await once(server, "message", { signal: AbortSignal.timeout(QUIET_LIMIT_MS) });
      const message = inbox.shift();
      if (!message) throw new CommandFailed("no answer came", EXIT.failed);
      show(message, session.terminal);
      return message;
    };
    return await converse(line, session, next);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function converse(line: string, session: Session, next: () => Promise<Message>): Promise<ExitCode> {
  await deliver(commandForm(line), session);
  let message = await next();
  while (true) {
    const buttons = message.blocks.flatMap(({ elements }) => elements);
    if (buttons.length > 0) {
      const decision = await ask(session.terminal);
      const button = buttons.find(({ action_id }) => action_id === decision);
      if (!button) return EXIT.done;
      await deliver(buttonForm({ action_id: button.action_id, value: button.value }), session);
    } else if (!/has begun\.$|^⏳/.test(message.text)) return message.text.startsWith("🔴") ? EXIT.failed : EXIT.done;
    message = await next();
  }
}

/** The settings that make this machine's user an administrator of the local cloud. */
async function putSettings({ target }: Session): Promise<void> {
  const { PutParameterCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const api = new URL(target.url);
  const endpoint = `http://${api.hostname}:${Number(api.port) + 1}`;
  const ssm = new SSMClient({ endpoint, region: target.region, credentials: await target.credentials() });
  const settings = {
    slack: { secret: SECRET, replyOrigins: [ORIGIN] },
    access: { principals: { [`slack:${PERSON.team}/*`]: [{ role: "admin" }] } },
  };
  for (const [name, value] of Object.entries(settings)) {
    const parameter = { Name: `${SETTINGS}/${name}`, Value: JSON.stringify(value), Overwrite: true };
    await ssm.send(new PutParameterCommand({ ...parameter, Type: "SecureString" }));
  }
}

async function deliver(form: Readonly<Record<string, string>>, { target }: Session): Promise<void> {
  const body = new URLSearchParams(form).toString();
  const seconds = String(Math.floor(Date.now() / 1000));
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": seconds,
    "x-slack-signature": signature(SECRET, seconds, Buffer.from(body)),
  };
  const answer = await fetch(`${target.url}/chat/slack`, { method: "POST", headers, body });
  if (!answer.ok) throw new CommandFailed(`the endpoint answered ${answer.status}`, EXIT.failed);
}

function commandForm(line: string) {
  return {
    team_id: PERSON.team,
    user_id: PERSON.user,
    user_name: "you",
    command: "/holdfast",
    text: line.replace(/^\/holdfast\s*/, ""),
    response_url: `${ORIGIN}/${randomUUID()}`,
    trigger_id: randomUUID(),
  };
}

function buttonForm(button: object) {
  return {
    payload: JSON.stringify({
      type: "block_actions",
      team: { id: PERSON.team },
      user: { id: PERSON.user, username: "you" },
      response_url: `${ORIGIN}/${randomUUID()}`,
      trigger_id: randomUUID(),
      actions: [button],
    }),
  };
}

function show({ text: first, blocks }: Message, { out }: Terminal): void {
  const buttons = blocks.flatMap(({ elements }) => elements.map((each) => `[${each.text.text}]`)).join(" ");
  const lines = [
    first,
    ...blocks.slice(1).flatMap(({ text }) => (text ? [text.text.replaceAll("```", "")] : [])),
    ...(buttons === "" ? [] : ["", buttons]),
  ];
  const plain = lines.join("\n").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  out(`${plain.split("\n").map(printable).join("\n")}\n\n`);
}

/** Without a terminal to ask at, nothing is pressed. */
async function ask(terminal: Terminal): Promise<string> {
  if (!terminal.interactive) return "";
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^c(onfirm)?$/i.test(await prompt.question("[confirm / cancel] ")) ? "confirm" : "cancel";
  } finally {
    prompt.close();
  }
}
