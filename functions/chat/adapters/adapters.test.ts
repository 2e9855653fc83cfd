import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { ChatMessage } from "../../domain/chat/message.ts";
import { mattermost } from "./mattermost.ts";
import { slack } from "./slack.ts";
import { webhook } from "./webhook.ts";

// Slack's own example: docs.slack.dev/authentication/verifying-requests-from-slack
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const SECONDS = "1531420618";
const BODY =
  "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
const SIGNATURE = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
const NOW = Number(SECONDS) * 1000;
const PLAN = "0123456789012345678901234567890123456789";

function request(body: string, headers: Record<string, string> = {}) {
  return { body: Buffer.from(body), headers };
}

function signed(body: string, signature = SIGNATURE, seconds = SECONDS) {
  return request(body, { "x-slack-signature": signature, "x-slack-request-timestamp": seconds });
}

const message: ChatMessage = {
  text: [{ principal: "slack:T1/U1", id: "U1", name: "ann" }, " asks <!channel> & @all"],
  body: "a ``` b <x>\n\u001b[31mred\u202e",
  audience: "channel",
  replace: false,
  buttons: { plan: PLAN, danger: true },
};

test("Slack's own example is valid at its time, and 300 seconds before and after", () => {
  const results = [0, 300_000, -300_000].map((ms) => slack.verify(signed(BODY), { secret: SECRET }, NOW + ms).ok);

  expect(results).toEqual([true, true, true]);
});

test.each([
  ["301 seconds later", signed(BODY), NOW + 301_000],
  ["301 seconds earlier", signed(BODY), NOW - 301_000],
  ["re-encoded", signed(BODY.replace("%2Fwebhook", "/webhook")), NOW],
  ["with another signature", signed(BODY, SIGNATURE.replace("a2", "a3")), NOW],
  ["with an empty signature", signed(BODY, ""), NOW],
  ["with a time that is none", signed(BODY, SIGNATURE, `${SECONDS}.5`), NOW],
  ["with another time than was signed", signed(BODY, SIGNATURE, "1531420619"), NOW],
  ["without headers", request(BODY), NOW],
])("the example %s is refused", (_, given, now) => {
  expect(slack.verify(given, { secret: SECRET }, now)).toMatchObject({ ok: false });
});

test("bytes that are no text are verified as they came", () => {
  const body = Buffer.from([0xff, 0xfe, 0x00, 0x41]);
  const hmac = createHmac("sha256", SECRET).update(`v0:${SECONDS}:`).update(body).digest("hex");

  const result = slack.verify({ ...signed("", `v0=${hmac}`), body }, { secret: SECRET }, NOW);

  expect(result.ok).toBe(true);
});

test("a slash command becomes a delivery of (team, user), and answers go only to Slack", () => {
  const parse = (body: string) => slack.parse(request(body), { secret: SECRET }, new Date(NOW));

  expect(parse(BODY)).toMatchObject({
    kind: "delivery",
    delivery: {
      from: { principal: "slack:T1DC2JH3J/U2CERLKJA", name: "roadrunner" },
      request: { kind: "command", text: "" },
      replyUrl: "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN",
    },
  });
  for (const foreign of [
    "https://hooks.slack.com.evil.test/",
    "https://hooks.slack.com@evil.test/",
    "http://hooks.slack.com/",
    "http://169.254.169.254/latest",
  ])
    expect(parse(BODY.replace(/response_url=[^&]+/, `response_url=${encodeURIComponent(foreign)}`))).toEqual({
      kind: "refused",
      reason: "foreign response_url",
    });
});

test("where an app is configured, another app's request is refused", () => {
  expect(slack.parse(request(BODY), { secret: SECRET, app: "A1" }, new Date(NOW))).toMatchObject({ kind: "refused" });
});

test("Slack shows text as text: no mention of everybody, no end of the block of code, no control characters", () => {
  const { text, blocks } = Object(slack.format(message, { settings: { secret: SECRET }, ingressUrl: "" }));

  expect(text).toBe("<@U1> asks &lt;!channel&gt; &amp; @all");
  expect(blocks[1].text.text).toBe("```a ''' b &lt;x&gt;\n [31mred ```");
  expect(blocks[2].elements).toMatchObject([
    { action_id: "confirm", value: PLAN, style: "danger" },
    { action_id: "cancel", value: PLAN },
  ]);
});

test("a long text is cut into blocks that Slack takes", () => {
  const body = `${"&".repeat(3_000)}\n`.repeat(4);
  const { blocks } = Object(slack.format({ ...message, body }, { settings: { secret: SECRET }, ingressUrl: "" }));

  const lengths = blocks.map(({ text }: { text?: { text: string } }) => text?.text.length ?? 0);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(3_000);
});

test("Mattermost's command carries its token; its button a proof that is good for that plan only", () => {
  const settings = { secret: "mattermost-token" };
  const command = (token: string) => mattermost.verify(request(`token=${token}&text=x`), settings, NOW).ok;
  const { attachments, text } = Object(
    mattermost.format(message, { settings, ingressUrl: "https://api.test/chat/mattermost" }),
  );
  const [confirm] = attachments[0].actions;
  const press = (context: object) => {
    const body = JSON.stringify({ team_id: "t1", user_id: "u1", user_name: "ann", trigger_id: "1", context });
    return request(body, { "content-type": "application/json" });
  };

  expect([command("mattermost-token"), command("other"), command("")]).toEqual([true, false, false]);
  expect(text).toContain("@ann asks \\<\\!channel\\> & @\u200ball");
  expect(mattermost.verify(press(confirm.integration.context), settings, NOW).ok).toBe(true);
  expect(
    mattermost.verify(press({ ...confirm.integration.context, plan: PLAN.replace("0", "1") }), settings, NOW).ok,
  ).toBe(false);
  expect(mattermost.parse(press(confirm.integration.context), settings, new Date(NOW))).toMatchObject({
    delivery: { from: { principal: "mattermost:t1/u1" }, request: { kind: "button", decision: "confirm", plan: PLAN } },
  });
});

test("L4: an address in a machine's words is no link, in no chat", () => {
  const words =
    "Log in: [here](https://evil.example) or https://evil.example, www.evil.example, mailto:eve@evil.example";
  const reported: ChatMessage = { ...message, text: [words], body: words, buttons: null };
  const context = { settings: { secret: SECRET }, ingressUrl: "" };

  const { blocks, unfurl_links, unfurl_media } = Object(slack.format(reported, context));
  expect([unfurl_links, unfurl_media]).toEqual([false, false]);
  expect(blocks.map(({ text }: { text: { verbatim: boolean } }) => text.verbatim)).toEqual([true, true]);
  const [text] = String(Object(mattermost.format(reported, context)).text).split("\n");
  expect(text).toBe(
    "Log in: \\[here\\]\\(https:\u200b//evil.example\\) or https:\u200b//evil.example, www.\u200bevil.example, mailto:\u200beve@\u200bevil.example",
  );
});

test.each([
  [
    "slack",
    slack,
    `payload=${encodeURIComponent(`{"type":"block_actions","actions":${"[".repeat(9_000)}${"]".repeat(9_000)}}`)}`,
  ],
  ["mattermost", mattermost, `{"context":${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}}`],
  ["webhook", webhook, `{"id":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
])("L3: a body of %s that is nested without end is no request, and fails nothing", (_, adapter, body) => {
  const given = request(body, { "content-type": "application/json" });

  expect(adapter.parse(given, { secret: SECRET }, new Date(NOW))).toMatchObject({ kind: "answer" });
  expect(mattermost.verify(given, { secret: SECRET }, NOW).ok).toBe(false);
});

test("the webhook takes JSON that is signed as Slack signs, for an address that the settings allow", () => {
  const body = JSON.stringify({ id: "1", user: "ann", text: "get clusters", replyUrl: "https://chat.test/in" });
  const hmac = createHmac("sha256", SECRET).update(`v0:${SECONDS}:${body}`).digest("hex");
  const given = request(body, { "x-holdfast-signature": `v0=${hmac}`, "x-holdfast-timestamp": SECONDS });
  const settings = { secret: SECRET, replyOrigins: ["https://chat.test"] };

  expect(webhook.verify(given, settings, NOW).ok).toBe(true);
  expect(webhook.parse(given, settings, new Date(NOW))).toMatchObject({
    delivery: { from: { principal: "webhook:ann" } },
  });
  expect(webhook.parse(given, { secret: SECRET }, new Date(NOW))).toMatchObject({ kind: "refused" });
});
