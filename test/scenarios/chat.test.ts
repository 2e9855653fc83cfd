import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buttonsOf, FakeSlack, wordsOf } from "../support/fake-slack.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
const NAME = "chat.example.com";
const CREATE = `create cluster —zones us-west-2a --node-count 0 —cloud-labels “Team=Dev Ops” ${NAME}`;
const [OPERATOR, ADMIN, VIEWER] = ["UOPERATOR", "UADMIN", "UVIEWER"];

let scenario: Scenario;
let slack: FakeSlack;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 5 });
  slack = await FakeSlack.start(`${scenario.cloud.endpoints.api}/chat/slack`, SECRET);
  await setting("slack", { secret: SECRET, replyOrigins: [slack.origin] });
  await setting("notifications", { url: `${slack.origin}/news`, origins: [slack.origin] });
  await setting("access", {
    principals: {
      "slack:T1/*": [{ role: "viewer" }],
      "slack:T1/UOPERATOR": [{ role: "operator", clusters: "*.example.com" }],
      "slack:T1/UADMIN": [{ role: "admin" }],
    },
    secondPerson: ["create"],
  });
});
afterAll(async () => {
  await slack[Symbol.asyncDispose]();
  await scenario[Symbol.asyncDispose]();
});

async function setting(name: string, value: object): Promise<void> {
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const ssm = new SSMClient({
    endpoint,
    region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  const Name = `/holdfast-settings/chat/${name}`;
  await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(value), Type: "SecureString" }));
}

async function clusters(): Promise<unknown[]> {
  const { stdout } = await scenario.holdfast("get", "clusters", "-o", "json");
  return JSON.parse(stdout).items;
}

test("X2: what has no valid signature, is old, or comes to a chat that is not configured has no effect", async () => {
  const { body, path } = slack.command(ADMIN, "get clusters");
  const form = await slack.send(`${"a=1&".repeat(20_000)}`);
  const others = await Promise.all([
    slack.send(body, { secret: "another app's secret" }),
    slack.send(body, { ageSeconds: 301 }),
    slack.send(body, { ageSeconds: -330 }),
    fetch(`${scenario.cloud.endpoints.api}/chat/slack`, { method: "POST", body }),
    fetch(`${scenario.cloud.endpoints.api}/chat/mattermost`, { method: "POST", body }),
  ]);

  expect(form.status).toBe(413);
  expect(others.map(({ status }) => status)).toEqual([401, 401, 401, 401, 404]);
  expect(slack.posted.get(path)).toBeUndefined();
});

test("X2: a replay gets the same answer and has no second effect", async () => {
  const { body, path } = slack.command(VIEWER, "get clusters");

  const first = await slack.send(body);
  const again = await slack.send(body);
  await slack.message(path);
  const late = await slack.send(body);
  const other = await slack.type(VIEWER, "get clusters");
  await slack.message(other);

  expect([first.status, again.status, late.status]).toEqual([200, 200, 200]);
  expect(slack.posted.get(path)?.map((message) => message.text)).toEqual(["get clusters"]);
  expect(wordsOf(await slack.message(path))).toContain("no clusters");
});

test("X3: a viewer cannot create, nobody can mention everybody, and a cancelled plan creates nothing", async () => {
  const denied = await slack.message(await slack.type(VIEWER, CREATE));
  const echoed = await slack.message(await slack.type(VIEWER, "get clusters <!channel> & `$(id)`"));
  const plan = await slack.message(await slack.type(OPERATOR, CREATE));
  const cancelled = await slack.message(await slack.press(OPERATOR, plan, "cancel"));
  const afterwards = await slack.message(await slack.press(ADMIN, plan, "confirm"));

  expect(denied.text).toBe(
    `Sorry, you are not allowed to create ${NAME}. Roles are given in /holdfast-settings/chat/access.`,
  );
  expect(buttonsOf(denied)).toEqual([]);
  expect(wordsOf(echoed)).not.toContain("<!channel>");
  expect(cancelled).toMatchObject({ replace_original: true });
  expect(cancelled.text).toContain("Cancelled by <@UOPERATOR>; nothing was changed.");
  expect(afterwards.text).toBe("This plan was cancelled already.");
  expect(await clusters()).toEqual([]);
});

test("X3: a plan is confirmed once, by a second person, and its message follows the cluster until it is active", async () => {
  const asked = await slack.type(OPERATOR, CREATE);
  const plan = await slack.message(asked);
  const alone = await slack.message(await slack.press(OPERATOR, plan, "confirm"));
  const [one, two] = await Promise.all([slack.press(ADMIN, plan, "confirm"), slack.press(ADMIN, plan, "confirm")]);
  const all = () => [one, two].flatMap((path) => slack.posted.get(path) ?? []);
  await eventually(
    async () => all().map(({ text }) => text),
    (texts) => texts.some((text) => text.includes("ACTIVE")),
    60_000,
  );

  expect(plan.response_type).toBe("in_channel");
  expect(plan.text).toBe(`<@UOPERATOR> asks for: ${CREATE}`);
  expect(wordsOf(plan)).toContain(`Cluster ${NAME} in us-west-2`);
  expect(wordsOf(plan)).toContain("Team=Dev Ops");
  expect(alone.text).toBe("Sorry, to create takes two: somebody else who may must press Confirm.");
  const edited = all().filter((message) => message.replace_original);
  expect(edited[0]?.text).toMatch(/Confirmed by <@UADMIN>: operation create-\w+ has begun\.$/);
  expect(edited.at(-1)?.text).toMatch(/^✅ create .* is ACTIVE: quorum 1\/1, nodes 0\/0 ready\.$/);
  expect(edited.length).toBeLessThanOrEqual(5);
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  const explain = JSON.parse(stdout).items.filter(({ type }: { type: string }) => type.endsWith("in-chat"));
  expect(explain).toMatchObject([
    { message: expect.stringMatching(/^uadmin \(slack:T1\/UADMIN\) confirmed what uoperator \(slack:T1\/UOPERATOR\)/) },
  ]);
}, 90_000);

test("who may see less is shown less, and reads what is there", async () => {
  const shown = await slack.message(await slack.type(VIEWER, "get clusters"));
  const valid = await slack.message(await slack.type(OPERATOR, `validate cluster ${NAME}`));
  const stranger = await slack.message(await slack.type(OPERATOR, "get cluster other.test"));

  expect(wordsOf(shown)).toContain(`${NAME}`);
  expect(wordsOf(valid)).toContain(`${NAME} is valid`);
  expect(wordsOf(stranger)).toContain("there is no cluster other.test");
});

test("a channel is notified of a repair, when it begins and when it has ended", async () => {
  const before = memberOf(await scenario.cluster(NAME), "a");
  await scenario.terminate(before.instanceId ?? "");
  await memberReplaced(scenario, NAME, before, 60_000);

  await slack.message("/news", ({ text }) => text.startsWith(`✅ ${NAME}: Whole again`));
  const news = slack.posted.get("/news")?.map(({ text }) => text) ?? [];
  expect(news.filter((text) => text.startsWith(`🔧 ${NAME}: Master a was lost`))).toHaveLength(1);
  expect(news.filter((text) => text.startsWith("✅"))).toHaveLength(1);
}, 90_000);

test("no secret of the chat is in what functions log", () => {
  const log = scenario.cloud.services.lambda
    .logs()
    .map(({ text }) => text)
    .join("\n");

  expect(log).toContain("chat delivery");
  expect(log).not.toContain(SECRET);
  expect(log).not.toContain(`${slack.origin}/commands`);
});
