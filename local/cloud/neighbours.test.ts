import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as eb from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedHeaders } from "../../client/signing.ts";
import { realClock } from "../context/clock.ts";
import type { CloudContext } from "../context/context.ts";
import { CredentialStore } from "../context/credentials.ts";
import { createSimulatedDriver } from "../hosts/simulated/driver.ts";
import { createHttpApi } from "../httpapi/http-api.ts";
import { recordingContext } from "../testing/service-context.ts";
import { eventually } from "../testing/test-hosts.ts";
import { startWire } from "../testing/wire.ts";
import { Internet } from "./internet.ts";
import { createServices } from "./services.ts";

const HUB = "111111111111";
const MEMBER = "222222222222";
const STRANGER = "333333333333";
const OPERATOR = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
const BUS = `arn:aws:events:us-east-1:${HUB}:event-bus/fleet`;

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Account = Awaited<ReturnType<typeof openAccount>>;

/** All services of an account behind its AWS endpoint, and an API whose function answers every request. */
async function openAccount(accountId: string, region: string, organizationId: string, internet: Internet) {
  const base = recordingContext(realClock);
  const context: CloudContext = {
    ...base,
    accountId,
    region,
    organizationId,
    credentials: new CredentialStore(accountId),
  };
  let endpoint = "";
  const endpoints = { aws: () => endpoint, api: () => "" };
  const services = createServices(context, {
    ...{ hosts: createSimulatedDriver(context.clock, endpoints), restored: {}, internet, iam: "enforced" as const },
    ...{ compileCache: directory, objectDirectory: directory, awsEndpoint: endpoints.aws },
    ...{ scheduleSpeed: 0, workflowSpeed: 1, iamPropagation: 0, account: {}, timings: {} },
    authorize: () => {},
    onAuthorization: undefined,
    intercept: (_call, _input, next) => next(),
  });
  const { credentials } = context;
  const wire = await startWire({ services: services.wire, credentials, beforeCall: services.authorize });
  endpoint = wire.endpoint;
  const functionArn = `arn:aws:lambda:${region}:${accountId}:function:api`;
  const route = {
    routeKey: "GET /clusters/{name}",
    authorizationType: "AWS_IAM" as const,
    functionArn,
    timeoutMs: 1_000,
  };
  const api = createHttpApi(
    context,
    { apiId: "a1b2c3", routes: [route] },
    {
      lambda: { allows: () => true, invoke: async () => ({ requestId: "r", payload: "{}" }) },
      mayInvoke: ({ arn, roleArn }, resource) =>
        services.authorizer.isAllowed({ arn, roleArn, action: "execute-api:Invoke", resource }),
    },
  );
  const close = async () => {
    await services.close();
    await wire[Symbol.asyncDispose]();
  };
  return { accountId, region, endpoint, services, api, close };
}

let directory = "";
let hub: Account;
let member: Account;
let stranger: Account;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-neighbours-"));
  const internet = new Internet();
  hub = await openAccount(HUB, "us-east-1", "o-ours", internet);
  member = await openAccount(MEMBER, "eu-west-1", "o-ours", internet);
  stranger = await openAccount(STRANGER, "us-west-2", "o-theirs", internet);
});

afterAll(async () => {
  for (const account of [hub, member, stranger]) await account.close();
  await rm(directory, { recursive: true, force: true });
});

function settings({ endpoint, region }: Account, credentials: Keys = OPERATOR) {
  return { endpoint, region, credentials, maxAttempts: 1 };
}

async function createRole(cloud: Account, RoleName: string, trust: object, allowed: object): Promise<void> {
  const iam = new IAMClient(settings(cloud));
  const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const AssumeRolePolicyDocument = policy({ Effect: "Allow", Action: "sts:AssumeRole", ...trust });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = policy({ Effect: "Allow", Resource: "*", ...allowed });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
}

async function assume(
  cloud: Account,
  RoleArn: string,
  keys?: Keys,
  more: { ExternalId?: string; DurationSeconds?: number } = {},
): Promise<Keys> {
  const sts = new STSClient(settings(cloud, keys));
  const { Credentials: made } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "hub", ...more }));
  return {
    accessKeyId: made?.AccessKeyId ?? "",
    secretAccessKey: made?.SecretAccessKey ?? "",
    sessionToken: made?.SessionToken ?? "",
  };
}

/** The API's status for a request that is signed with these keys, for this Region. */
async function callApi({ api, region: own }: Account, credentials: Keys, region = own): Promise<number> {
  const url = new URL("https://a1b2c3.execute-api.amazonaws.com/clusters/demo");
  const signed = await signedHeaders({ method: "GET", url, headers: {}, body: undefined }, region, credentials);
  const { statusCode } = await api({
    ...{ method: "GET", rawPath: url.pathname, rawQueryString: "", body: Buffer.from(""), sourceIp: "127.0.0.1" },
    headers: { ...signed, host: url.host },
  });
  return statusCode;
}

describe("roles of other accounts", () => {
  const caller = `arn:aws:iam::${HUB}:role/caller`;
  const reader = `arn:aws:iam::${MEMBER}:role/reader`;
  let callerKeys: Keys;
  beforeAll(async () => {
    await createRole(
      hub,
      "caller",
      { Principal: { AWS: HUB } },
      { Action: "sts:AssumeRole", Resource: `arn:aws:iam::${MEMBER}:role/*` },
    );
    const condition = { StringEquals: { "sts:ExternalId": "fleet-1", "aws:PrincipalOrgID": "o-ours" } };
    const trust = { Principal: { AWS: caller }, Condition: condition };
    await createRole(member, "reader", trust, { Action: "execute-api:Invoke" });
    await createRole(member, "idle", trust, { Action: "ec2:DescribeVpcs" });
    callerKeys = await assume(hub, caller);
  });

  test("a hub's role becomes a role of the member's account, and calls its API with a signature", async () => {
    const keys = await assume(hub, reader, callerKeys, { ExternalId: "fleet-1" });

    const { Account, Arn } = await new STSClient(settings(member, keys)).send(new GetCallerIdentityCommand());
    expect([Account, Arn]).toEqual([MEMBER, `arn:aws:sts::${MEMBER}:assumed-role/reader/hub`]);
    expect(await callApi(member, keys)).toBe(200);
    expect(await callApi(member, keys, "us-east-1")).toBe(403);
    expect(await callApi(hub, keys)).toBe(403);
  });

  test("keys of another account, and a role that may not invoke, are refused by the API", async () => {
    const idle = await assume(hub, `arn:aws:iam::${MEMBER}:role/idle`, callerKeys, { ExternalId: "fleet-1" });

    expect(await callApi(member, callerKeys)).toBe(403);
    expect(await callApi(member, idle)).toBe(403);
  });

  test("without the external id, or from a role that it does not name, the role is not assumed", async () => {
    const words = (arn: string) => `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${reader}`;
    const session = `arn:aws:sts::${HUB}:assumed-role/caller/hub`;

    await expect(assume(hub, reader, callerKeys)).rejects.toThrow(words(session));
    await expect(assume(hub, reader, callerKeys, { ExternalId: "fleet-2" })).rejects.toThrow(words(session));
    await expect(assume(hub, reader, undefined, { ExternalId: "fleet-1" })).rejects.toThrow(
      words(`arn:aws:iam::${HUB}:user/holdfast`),
    );
    await expect(assume(stranger, reader, undefined, { ExternalId: "fleet-1" })).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
  });

  test("the caller's own policies count as well, and a chain of roles lasts an hour", async () => {
    await createRole(hub, "bare", { Principal: { AWS: HUB } }, { Action: "ec2:DescribeVpcs" });
    await createRole(member, "open", { Principal: { AWS: HUB } }, { Action: "execute-api:Invoke" });
    const bare = await assume(hub, `arn:aws:iam::${HUB}:role/bare`);
    const open = `arn:aws:iam::${MEMBER}:role/open`;

    await expect(assume(hub, open, bare)).rejects.toThrow(
      "because no identity-based policy allows the sts:AssumeRole action",
    );
    await expect(assume(hub, open, callerKeys, { DurationSeconds: 7_200 })).rejects.toThrow(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
    expect(await callApi(member, await assume(hub, open, callerKeys))).toBe(200);
  });
});

describe("buses of other accounts", () => {
  const sender = (account: string) => `arn:aws:iam::${account}:role/sender`;
  beforeAll(async () => {
    const events = new eb.EventBridgeClient(settings(hub));
    await events.send(new eb.CreateEventBusCommand({ Name: "fleet" }));
    await events.send(
      new eb.PutPermissionCommand({
        ...{ EventBusName: "fleet", StatementId: "ours", Action: "events:PutEvents", Principal: "*" },
        Condition: { Type: "StringEquals", Key: "aws:PrincipalOrgID", Value: "o-ours" },
      }),
    );
    for (const [cloud, account] of [
      [member, MEMBER],
      [stranger, STRANGER],
    ] as const)
      await createRole(cloud, "sender", { Principal: { AWS: account } }, { Action: "events:PutEvents", Resource: BUS });
  });

  /** A rule that forwards what this source says; then an event of it. */
  async function forward(cloud: Account, source: string, RoleArn?: string): Promise<void> {
    const events = new eb.EventBridgeClient(settings(cloud));
    await events.send(new eb.PutRuleCommand({ Name: source, EventPattern: JSON.stringify({ source: [source] }) }));
    const target = { Id: "hub", Arn: BUS, ...(RoleArn !== undefined && { RoleArn }) };
    await events.send(new eb.PutTargetsCommand({ Rule: source, Targets: [target] }));
    const entry = { Source: source, DetailType: "Holdfast Cluster Status", Detail: '{"cluster":"demo"}' };
    await events.send(new eb.PutEventsCommand({ Entries: [entry] }));
  }

  const arrived = (source: string) => hub.services.events.recent().filter(({ event }) => event.source === source);

  test("a rule forwards to the bus of another account, where the event is still of its own account", async () => {
    await forward(member, "holdfast.member", sender(MEMBER));

    const [found] = await eventually(async () => arrived("holdfast.member").length > 0 && arrived("holdfast.member"));
    expect(found).toMatchObject({
      busName: BUS,
      event: { account: MEMBER, region: "eu-west-1", detail: { cluster: "demo" } },
    });
  });

  test("an account outside of the organization is refused, and so is one that shows no role", async () => {
    await forward(stranger, "holdfast.forged", sender(STRANGER));
    await forward(member, "holdfast.roleless");
    const entry = { EventBusName: BUS, Source: "holdfast.direct", DetailType: "x", Detail: "{}" };
    const keys = await assume(stranger, sender(STRANGER));
    const direct = new eb.EventBridgeClient(settings(stranger, keys)).send(
      new eb.PutEventsCommand({ Entries: [entry] }),
    );

    await expect(direct).rejects.toThrow("because no resource-based policy allows the events:PutEvents action");
    await forward(member, "holdfast.last", sender(MEMBER));
    await eventually(async () => arrived("holdfast.last").length > 0);
    expect(["holdfast.forged", "holdfast.roleless", "holdfast.direct"].flatMap(arrived)).toEqual([]);
  });

  test("an account that is let in by its id needs no role, until the permission is gone", async () => {
    const events = new eb.EventBridgeClient(settings(hub));
    const permission = { EventBusName: "fleet", StatementId: "member" };
    await events.send(new eb.PutPermissionCommand({ ...permission, Action: "events:PutEvents", Principal: MEMBER }));
    await forward(member, "holdfast.by-id");
    await eventually(async () => arrived("holdfast.by-id").length > 0);

    await events.send(new eb.RemovePermissionCommand(permission));
    await forward(member, "holdfast.by-id");
    await forward(member, "holdfast.after", sender(MEMBER));
    await eventually(async () => arrived("holdfast.after").length > 0);
    expect(arrived("holdfast.by-id")).toHaveLength(1);
  });
});
