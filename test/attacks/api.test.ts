import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeSecurityGroupsCommand } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type AwsCredentials, signedHeaders } from "../../client/signing.ts";
import { newSigningRequest } from "../../client/signing-request.ts";
import { keys } from "../../functions/store/keys.ts";
import { FakeSlack } from "../support/fake-slack.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";
import { tableName } from "../support/table-name.ts";

const SPEC = { name: "one.example.com", zones: ["us-west-2a"], nodeCount: 0 };
const OPERATOR = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
const SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
/** Two subjects whose last hundred characters are the same. */
const TAIL = `@${"contractors.".repeat(8)}example.com`;
const ACCESS = {
  principals: {
    "iam:arn:aws:iam::*:user/holdfast": [{ role: "admin" }],
    "jwt:groups=ops": [{ role: "admin" }],
    "jwt:groups=small": [{ role: "operator", limits: { nodes: 2, masters: 1, machineTypes: ["t3.*"] } }],
    "jwt:sub=*": [],
    "jwt:email=*@contractors.example.com": [{ role: "operator" }],
  },
  secondPerson: ["delete"],
};

let scenario: Scenario;
let slack: FakeSlack;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", parameters: { ApiAccess: JSON.stringify(ACCESS) } });
  slack = await FakeSlack.start(`${scenario.cloud.endpoints.api}/chat/slack`, SECRET);
  await setting("slack", { secret: SECRET, replyOrigins: [slack.origin] });
  await setting("notifications", { url: `${slack.origin}/news`, origins: [slack.origin] });
  await setting("access", { principals: { "slack:T1/*": [{ role: "admin" }] } });
  await create(SPEC);
}, 90_000);
afterAll(async () => {
  await slack[Symbol.asyncDispose]();
  await scenario[Symbol.asyncDispose]();
});

function clientOf(credentials: AwsCredentials) {
  return {
    endpoint: scenario.cloud.endpoints.aws,
    region: "us-west-2",
    credentials,
  };
}

async function setting(name: string, value: object): Promise<void> {
  const Name = `/holdfast-settings/chat/${name}`;
  const ssm = new SSMClient(clientOf(OPERATOR));
  await ssm.send(new PutParameterCommand({ Name, Value: JSON.stringify(value), Type: "SecureString" }));
}

interface Answered {
  readonly status: number;
  readonly document: Record<string, unknown>;
}

async function read(answer: Response): Promise<Answered> {
  return {
    status: answer.status,
    document: z.looseObject({}).parse(await answer.json()),
  };
}

async function signed(credentials: AwsCredentials, method: string, path: string, body?: string): Promise<Answered> {
  const url = new URL(`${scenario.cloud.endpoints.api}${path}`);
  const request = { method, url, headers: { "content-type": "application/json" }, body };
  const headers = await signedHeaders(request, "us-west-2", credentials);
  return read(await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) }));
}

/** A request of somebody with a token of these claims. */
async function asToken(token: object, method: string, path: string, body?: object): Promise<Answered> {
  const issued = await fetch(`${scenario.cloud.endpoints.api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(token),
  });
  const { token: bearer } = z.object({ token: z.string() }).parse(await issued.json());
  const headers = { authorization: `Bearer ${bearer}`, "content-type": "application/json" };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return read(await fetch(`${scenario.cloud.endpoints.api}/token${path}`, init));
}

async function create(spec: object): Promise<void> {
  const created = await signed(OPERATOR, "POST", "/clusters", JSON.stringify({ spec }));
  expect(created).toMatchObject({ status: 202 });
  await eventually(
    () => signed(OPERATOR, "GET", `/operations/${created.document["id"]}`),
    ({ document }) => document["status"] === "SUCCEEDED",
    60_000,
  );
}

/** The role of a function, by the beginning of its name. */
function roleOf(name: string) {
  const { roles } = scenario.cloud.services.iam.snapshot();
  const [role] = Object.values(roles).filter((each) => each.name.startsWith(`Holdfast-${name}`));
  if (!role) throw new Error(`there is no role of ${name}`);
  return role;
}

test("M5: a group whose name has a space grants nothing by its words", async () => {
  const seen = (groups: string | string[]) => asToken({ subject: "ian", claims: { groups } }, "GET", "/clusters");

  expect((await seen(["interns ops"])).status).toBe(403);
  expect((await seen(["interns,ops"])).status).toBe(403);
  expect((await seen("[interns ops]")).status).toBe(403);
  expect((await seen(["interns", "ops"])).status).toBe(200);
});

test("L1: a user whose path looks like the session of a chat's role is not the chat", async () => {
  const { name } = roleOf("chatcommand");
  const eve = scenario.cloud.context.credentials.addUser(`/x:assumed-role/${name}/`, "holdfast-chat");
  const lookalike = scenario.cloud.context.credentials.addUser("/x:user/", "holdfast");

  expect((await signed(eve, "GET", "/clusters")).status).toBe(403);
  expect((await signed(lookalike, "GET", "/clusters")).status).toBe(403);
});

test.each([
  ["30,000 arrays", `{"spec":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
  ["10,000 objects", `{"spec":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`],
  ["arrays in a field", `{"spec":{"name":${"[".repeat(30_000)}${"]".repeat(30_000)}}}`],
])("L3: %s in each other are refused, and fail nothing", async (_, body) => {
  for (const [method, path] of [
    ["POST", "/plan"],
    ["POST", "/clusters"],
    ["PATCH", `/clusters/${SPEC.name}`],
    ["POST", `/clusters/${SPEC.name}/scale`],
  ] as const)
    expect(await signed(OPERATOR, method, path, body)).toMatchObject({
      status: 400,
      document: {
        type: "https://holdfast.dev/problems/bad-request",
        detail: "the body is nested deeper than 32 levels",
      },
    });
});

test("L3: a key of 60,000 characters is refused by name, cut short", async () => {
  const answer = await signed(OPERATOR, "POST", "/plan", JSON.stringify({ spec: { ["k".repeat(60_000)]: 1 } }));

  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.document).length).toBeLessThan(2_000);
});

function putEvent(credentials: AwsCredentials, bus: string, detailType: string, detail: object) {
  return new EventBridgeClient(clientOf(credentials)).send(
    new PutEventsCommand({
      Entries: [{ EventBusName: bus, Source: "holdfast", DetailType: detailType, Detail: JSON.stringify(detail) }],
    }),
  );
}

test("L4: what others put with our source is not posted, and on our bus they can put nothing", async () => {
  const reason = "Quorum lost. Restore: https://evil.example/login";
  const forged = { version: 1, id: "1#FAILED", cluster: SPEC.name, status: "FAILED", reason, operation: null };
  const lost = { version: 1, id: "1#master-lost#a", cluster: SPEC.name, type: "master-lost", message: reason };
  const change = "Holdfast Cluster Status Change";

  await putEvent(OPERATOR, "default", change, forged);
  await expect(putEvent(OPERATOR, "holdfast", change, forged)).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringMatching(/event-bus\/holdfast with an explicit deny in a resource-based policy$/),
  });
  // One of our own functions, in somebody else's hands: it may put events, and what they claim is looked up.
  const ours = scenario.cloud.context.credentials.assumeRole(roleOf("completeoperation").arn, "stolen");
  await putEvent(ours, "holdfast", change, forged);
  await putEvent(ours, "holdfast", "Holdfast Cluster Event", lost);
  const true_ = { time: "2026-11-25T10:00:00.000Z", type: "cluster-whole", message: "Whole.", member: null };
  await remember(keys.event(SPEC.name, "op-1#cluster-whole#"), { ...true_, operation: "op-1" });
  await putEvent(ours, "holdfast", "Holdfast Cluster Event", {
    ...true_,
    message: "Whole: https://evil.example",
    id: "op-1#cluster-whole#",
    cluster: SPEC.name,
  });

  await slack.message("/news", ({ text }) => text.startsWith("✅"));
  expect(slack.posted.get("/news")?.map(({ text }) => text)).toEqual([`✅ ${SPEC.name}: Whole.`]);
});

async function remember(key: object, record: object): Promise<void> {
  const client = new DynamoDBClient(clientOf(OPERATOR));
  await client.send(new PutCommand({ TableName: tableName(scenario.cloud), Item: { ...key, record } }));
}

test("L8: two people whose names end alike are two in Kubernetes' audit log", async () => {
  const { request } = await newSigningRequest(SPEC.name);
  const issue = (subject: string) =>
    asToken({ subject, claims: { email: "x@contractors.example.com" } }, "POST", `/clusters/${SPEC.name}/kubeconfig`, {
      certificateRequest: request,
    });

  const [ada, eve] = await Promise.all([issue(`ada${TAIL}`), issue(`eve${TAIL}`)]);

  expect([ada.status, eve.status]).toEqual([200, 200]);
  expect(ada.document["user"]).toMatch(/^holdfast:.*example\.com#[0-9a-f]{16}$/);
  expect(ada.document["user"]).not.toBe(eve.document["user"]);
});

test("L10: a security group of another cluster cannot be brought", async () => {
  const { SecurityGroups = [] } = await scenario.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: "tag-key", Values: ["holdfast:uid"] }] }),
  );
  const id = SecurityGroups[0]?.GroupId ?? "";
  const spec = { ...SPEC, name: "two.example.com", masterSecurityGroups: [id] };

  expect(await signed(OPERATOR, "POST", "/clusters", JSON.stringify({ spec }))).toMatchObject({
    status: 422,
    document: {
      detail: `--master-security-groups: "${id}" belongs to the cluster one.example.com; bring a group of your own`,
    },
  });
});

test.each([
  ["nodes", { nodeCount: 3 }, "at most 2 nodes, and 3 were asked for"],
  ["masters", { zones: ["us-west-2a", "us-west-2b", "us-west-2c"], masterCount: 3 }, "at most 1 master, and 3 were"],
  ["machines", { nodeSize: "p5.48xlarge" }, "machine types t3.*, and p5.48xlarge was asked for"],
])("L10: who may create up to a limit of %s may create no more", async (_, change, expected) => {
  const small = { subject: "sam", claims: { groups: ["small"] } };
  const spec = { ...SPEC, name: "three.example.com", ...change };

  for (const path of ["/plan", "/clusters"])
    expect(await asToken(small, "POST", path, { spec })).toMatchObject({
      status: 403,
      document: {
        detail: expect.stringContaining(
          `jwt:sub=sam may not create three.example.com so: the grant of jwt:groups=small`,
        ),
        type: "https://holdfast.dev/problems/forbidden",
      },
    });
  const { document } = await asToken(small, "POST", "/plan", { spec });
  expect(document["detail"]).toContain(expected);
});

test("L10: a change obeys the limit as a creation does, and may lower what is above it", async () => {
  const small = { subject: "sam", claims: { groups: ["small"] } };
  const scale = (count: number) => asToken(small, "POST", `/clusters/${SPEC.name}/scale`, { count });

  expect(await scale(3)).toMatchObject({
    status: 403,
    document: { detail: expect.stringContaining("at most 2 nodes") },
  });
  expect(await asToken(small, "PATCH", `/clusters/${SPEC.name}`, { spec: { nodeSize: "m5.large" } })).toMatchObject({
    status: 403,
    document: { detail: expect.stringContaining("machine types t3.*, and m5.large was asked for") },
  });
});

test("M9: what takes two persons is refused by the API, and in a chat one person is not two", async () => {
  const refused = await signed(OPERATOR, "DELETE", `/clusters/${SPEC.name}`);
  const plan = await slack.message(await slack.type("U1", `delete cluster ${SPEC.name}`));
  const alone = await slack.message(await slack.press("U1", plan, "confirm"));

  expect(refused).toMatchObject({
    status: 403,
    document: {
      detail: "to delete takes two persons (secondPerson): ask for it in a chat, where somebody else confirms it",
    },
  });
  expect(alone.text).toBe("Sorry, to delete takes two: somebody else who may must press Confirm.");
  const second = await slack.press("U2", plan, "confirm");
  await slack.message(second, ({ text }) => text.includes("has begun"));
}, 60_000);
