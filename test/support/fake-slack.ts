import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { eventually } from "./scenario.ts";

const Message = z.looseObject({
  text: z.string(),
  response_type: z.string(),
  replace_original: z.boolean(),
  blocks: z.array(z.looseObject({ type: z.string() })),
});
export type SlackMessage = z.output<typeof Message>;
const Button = z.looseObject({ action_id: z.string(), value: z.string() });

/** Slack as an app sees it: it signs what users do, and takes what is posted to the addresses that it gave. */
export class FakeSlack implements AsyncDisposable {
  /** What was posted, by path. */
  readonly posted = new Map<string, SlackMessage[]>();
  readonly #server: Server;
  readonly #url: string;
  readonly #secret: string;
  #count = 0;

  private constructor(server: Server, url: string, secret: string) {
    this.#server = server;
    this.#url = url;
    this.#secret = secret;
  }

  static async start(url: string, secret: string): Promise<FakeSlack> {
    const server = createServer(async (request, response) => {
      const path = request.url ?? "";
      const messages = slack.posted.get(path) ?? [];
      messages.push(Message.parse(JSON.parse(await text(request))));
      slack.posted.set(path, messages);
      response.writeHead(200).end("ok");
    });
    const slack = new FakeSlack(server, url, secret);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return slack;
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** A slash command as Slack would send it, not sent yet. */
  command(user: string, typed: string): { readonly path: string; readonly body: string } {
    const path = `/commands/${++this.#count}`;
    const form = {
      team_id: "T1",
      team_domain: "acme",
      channel_id: "C1",
      user_id: user,
      user_name: user.toLowerCase(),
      command: "/holdfast",
      text: typed,
      response_url: `${this.origin}${path}`,
      trigger_id: `${this.#count}.1`,
      api_app_id: "A1",
    };
    return { path, body: new URLSearchParams(form).toString() };
  }

  /** Somebody types; answers with the path that the answers will come to. */
  async type(user: string, typed: string): Promise<string> {
    const { path, body } = this.command(user, typed);
    const answer = await this.send(body);
    if (answer.status !== 200) throw new Error(`the endpoint answered ${answer.status}`);
    return path;
  }

  /** Somebody presses a button of a message. */
  async press(user: string, message: SlackMessage, decision: "confirm" | "cancel"): Promise<string> {
    const path = `/actions/${++this.#count}`;
    const payload = {
      type: "block_actions",
      api_app_id: "A1",
      team: { id: "T1" },
      user: { id: user, username: user.toLowerCase(), team_id: "T1" },
      response_url: `${this.origin}${path}`,
      trigger_id: `${this.#count}.1`,
      actions: [buttonsOf(message).find(({ action_id }) => action_id === decision)],
    };
    const answer = await this.send(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
    if (answer.status !== 200) throw new Error(`the endpoint answered ${answer.status}`);
    return path;
  }

  send(body: string, change: { readonly secret?: string; readonly ageSeconds?: number } = {}): Promise<Response> {
    const seconds = String(Math.floor(Date.now() / 1000) - (change.ageSeconds ?? 0));
    const hmac = createHmac("sha256", change.secret ?? this.#secret).update(`v0:${seconds}:${body}`);
    return this.deliver(body, { seconds, signature: `v0=${hmac.digest("hex")}` });
  }

  deliver(body: string, signed: { readonly seconds: string; readonly signature: string }): Promise<Response> {
    const headers = {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": signed.seconds,
      "x-slack-signature": signed.signature,
    };
    return fetch(this.#url, { method: "POST", headers, body });
  }

  /** The message at a path that fits. */
  async message(path: string, fits: (message: SlackMessage) => boolean = () => true, withinMs = 20_000) {
    const messages = await eventually(
      async () => this.posted.get(path) ?? [],
      (found) => found.some(fits),
      withinMs,
    );
    const found = messages.find(fits);
    if (!found) throw new Error(`nothing at ${path}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function buttonsOf({ blocks }: SlackMessage): z.output<typeof Button>[] {
  return z.array(Button).parse(blocks.flatMap(({ type, elements }) => (type === "actions" ? elements : [])));
}

/** Everything that a message shows. */
export function wordsOf(message: SlackMessage): string {
  return JSON.stringify(message).replaceAll("\\n", "\n");
}
