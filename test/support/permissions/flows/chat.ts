import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { buttonsOf, FakeSlack } from "../../fake-slack.ts";
import type { Account } from "../account.ts";
import { memberOf, type PermissionsFlow, replaced } from "./flow.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const NAME = "chat.example.com";

async function setting(account: Account, name: string, value: object): Promise<void> {
  const Name = `/holdfast-settings/chat/${name}`;
  const Value = JSON.stringify(value);
  await account.ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true }));
}

function ingressOf({ cloud }: Account, chat: string): string {
  return `${cloud.endpoints.api}/chat/${chat}`;
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<void> {
  const { status } = await fetch(url, { method: "POST", headers, body });
  if (status !== 200 && status !== 202) throw new Error(`${url} answered ${status}`);
}

/** Other chats, which accept any message. */
async function openChat(): Promise<{ readonly origin: string } & AsyncDisposable> {
  const server = createServer((request, response) => request.resume().on("end", () => response.end("ok")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What people type in chats, what they press, and what is posted to them. */
export const CHAT: readonly PermissionsFlow[] = [
  {
    name: "chat: a cluster is made, repaired and read of",
    async run(account) {
      await using slack = await FakeSlack.start(ingressOf(account, "slack"), SECRET);
      await using other = await openChat();
      const ingress = { secret: SECRET, replyOrigins: [slack.origin, other.origin] };
      for (const chat of ["slack", "mattermost", "webhook"]) await setting(account, chat, ingress);
      await setting(account, "notifications", { url: `${slack.origin}/news`, origins: [slack.origin] });
      const everybody = ["slack:T1/U1", "mattermost:t1/u1", "webhook:ann"];
      const principals = Object.fromEntries(everybody.map((who) => [who, [{ role: "admin" }]]));
      await setting(account, "access", { principals });

      const plan = await slack.message(
        await slack.type("U1", `create cluster --zones us-west-2a --node-count 0 ${NAME}`),
      );
      if (buttonsOf(plan).length === 0) throw new Error(`no buttons: ${plan.text}`);
      const pressed = await slack.press("U1", plan, "confirm");
      await slack.message(pressed, ({ text }) => text.includes("ACTIVE"), 60_000);
      await slack.message(await slack.type("U1", "get clusters"));
      const { instanceId } = await memberOf(account, NAME, "a");
      await account.fault({ kind: "host", action: "terminate", instanceId });
      await replaced(account, NAME, "a", instanceId);
      await slack.message("/news");

      const form = { team_id: "t1", user_id: "u1", user_name: "ann", text: "get clusters", trigger_id: "1" };
      const typed = new URLSearchParams({ ...form, token: SECRET, response_url: `${other.origin}/mattermost` });
      const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
      await post(ingressOf(account, "mattermost"), urlencoded, typed.toString());
      const body = JSON.stringify({ id: "1", user: "ann", text: "get clusters", replyUrl: `${other.origin}/webhook` });
      const seconds = String(Math.floor(Date.now() / 1000));
      const signature = `v0=${createHmac("sha256", SECRET).update(`v0:${seconds}:${body}`).digest("hex")}`;
      const signed = { "x-holdfast-timestamp": seconds, "x-holdfast-signature": signature };
      await post(ingressOf(account, "webhook"), { "content-type": "application/json", ...signed }, body);

      await account.fault({ kind: "lambda", action: "crash", function: "chatcommand" });
      const failed = await slack.type("U1", "get clusters");
      await slack.message(failed, ({ text }) => text.startsWith("Something failed"), 60_000);
      await account.cloud.faults.end();
      const gone = await slack.message(await slack.type("U1", `delete cluster ${NAME}`));
      const confirmed = await slack.press("U1", gone, "confirm");
      await slack.message(confirmed, ({ text }) => /DELETED|is gone/.test(text), 60_000);
      await account.untilStatus(NAME, "DELETED");
    },
  },
];
