import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { signedHeaders } from "../../client/signing.ts";
import { type FleetView, FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { RolloutViewSchema } from "../../functions/domain/api/rollout-views.ts";
import { type Federation, HUB, MEMBER, outputOf, startFederation } from "../support/fleets/joined.ts";
import { runCli } from "../support/run-cli.ts";
import { eventually } from "../support/scenario.ts";

const Kubeconfig = z.object({
  contexts: z.array(z.object({ name: z.string() })),
  users: z.array(
    z.object({
      user: z.object({
        exec: z.object({ args: z.array(z.string()), env: z.array(z.object({ name: z.string(), value: z.string() })) }),
      }),
    }),
  ),
});

/** A hub with a cluster of its own, and a Holdfast of another account and Region that has joined it as `eu`. */
let federation: Federation;
beforeAll(async () => {
  federation = await startFederation("operator");
  const { hub, member } = federation;
  const create = ["create", "cluster", "--node-count", "0", "--backup-interval", "0", "--labels", "env=prod"];
  const made = await Promise.all([
    hub.holdfast(...create, "--zones", "us-west-2a", "one.example.com", "--yes", "--wait"),
    member.holdfast(...create, "--zones", "eu-west-1a", "two.example.com", "--yes", "--wait"),
  ]);
  for (const { code, stderr } of made) if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await federation?.[Symbol.asyncDispose]();
});

function fleet(query = ""): Promise<FleetView> {
  return federation.hub.api.get(`/fleets/prod${query}`, FleetViewSchema);
}

function statuses({ clusters }: FleetView): string[] {
  return clusters.map(({ endpoint, name, status }) => `${endpoint}/${name} ${status}`);
}

/** The keys that the hub's function has of the role that lets it in. */
async function hubKeys() {
  const { hub, member } = federation;
  const { endpoints, context } = hub.cloud;
  const own = context.credentials.assumeRole(outputOf(hub.cloud, "HubRoleArn"), "fleet");
  const sts = new STSClient({ endpoint: endpoints.aws, region: endpoints.region, credentials: own });
  const RoleArn = outputOf(member.scenario.cloud, "HubAccessRoleArn");
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "hub" }));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

test("a Holdfast joins its hub, whose fleet has the clusters of both", async () => {
  const { hub, member } = federation;
  const role = outputOf(member.scenario.cloud, "HubAccessRoleArn");
  const join = ["fleet", "join", "eu", "--hub", hub.cloud.endpoints.api, "--role", role, "--region", MEMBER.region];

  expect((await member.holdfast(...join)).stderr).toContain("Nothing was changed");
  expect(await member.holdfast(...join, "--yes")).toMatchObject({ code: 0, stdout: /^eu has joined .*: 1 cluster$/m });
  expect((await hub.holdfast("get", "endpoints")).stdout).toMatch(/eu +reachable +1/);
  const words = ["fleet", "create", "prod", "--selector", "env=prod"];
  expect((await hub.holdfast(...words)).stdout).toMatch(/^eu\/two.example.com +ACTIVE/m);
  const created = await hub.holdfast(...words, "--yes");

  expect(created.code).toBe(0);
  expect(statuses(await fleet())).toEqual(["local/one.example.com ACTIVE", "eu/two.example.com ACTIVE"]);
  expect((await hub.holdfast("validate", "fleet", "prod")).code).toBe(0);
});

test("an address or a role that no endpoint has is refused with all that is wrong, and one that does not answer is said so", async () => {
  const { hub } = federation;
  const join = (role: string, api: string) =>
    hub.holdfastAs(
      { HOLDFAST_API: api },
      "fleet",
      "join",
      "x",
      "--hub",
      hub.cloud.endpoints.api,
      "--role",
      role,
      "--yes",
    );

  const wrong = await join("arn:aws:iam::222222222222:role/admin", "http://192.0.2.1");
  expect(wrong.code).toBe(2);
  expect(`${wrong.stdout}${wrong.stderr}`).toMatch(/an https address[\s\S]*holdfast-hub/);
  const none = await join("arn:aws:iam::222222222222:role/holdfast-hub/none", "http://127.0.0.1:9");
  expect(none).toMatchObject({ code: 1, stdout: expect.stringContaining("does not reach it") });
  expect((await hub.holdfast("fleet", "leave", "x", "--yes")).code).toBe(0);
});

test("5.2: an endpoint's event has the hub ask it, so that the hub knows of a change without waiting for the clock", async () => {
  const { hub, member } = federation;
  const changed = await member.holdfast("update", "cluster", "two.example.com", "--labels", "ring=canary", "--yes");
  expect(changed.code).toBe(0);

  // No clock runs here: nobody but the event's reader asks.
  const labels = async () => (await fleet()).clusters.find(({ name }) => name === "two.example.com")?.labels;
  await eventually(labels, (seen) => seen?.["ring"] === "canary", 20_000);
  const forwarded = hub.cloud.services.events.recent().filter(({ busName }) => busName.endsWith("holdfast-fleet"));
  expect(new Set(forwarded.map(({ event }) => event.account))).toEqual(new Set([MEMBER.accountId]));
});

test("5.5: one kubeconfig has the clusters of both, each issued by its own Holdfast", async () => {
  const { hub, member } = federation;
  const cache = { XDG_CACHE_HOME: mkdtempSync(join(tmpdir(), "holdfast-hub-")) };
  onTestFinished(() => rmSync(cache.XDG_CACHE_HOME, { recursive: true }));
  const words = ["export", "kubeconfig", "--fleet", "prod", "--exec", "-o", "json"];
  const { code, stdout } = await hub.holdfastAs(cache, ...words);

  expect(code).toBe(0);
  const { contexts, users } = Kubeconfig.parse(JSON.parse(stdout));
  expect(contexts.map(({ name }) => name)).toEqual(["holdfast/local/one.example.com", "holdfast/eu/two.example.com"]);
  // What kubectl would do, from wherever: the call that the file has.
  const { args = [], env = [] } = users[1]?.user.exec ?? {};
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  const renewed = await runCli(args, { ...cache, ...variables, HOME: "/nonexistent" });
  expect(JSON.parse(renewed.stdout)).toMatchObject({ kind: "ExecCredential" });
  const { items } = await member.api.get("/clusters/two.example.com/events", z.object({ items: z.array(z.unknown()) }));
  expect(JSON.stringify(items)).toContain("kubeconfig-issued");
});

test("5.8.11: an event from outside of the organization is refused by the bus, and one that lies changes nothing", async () => {
  const { hub, internet } = federation;
  const busArn = outputOf(hub.cloud, "HubBusArn");
  const detail = { cluster: "two.example.com", status: "ACTIVE", to: "DELETED" };
  const event = { source: "holdfast", detailType: "Holdfast Cluster Status", resources: [], detail };
  const send = (account: string, organizationId: string) =>
    internet.putEvent(
      { busArn, event, from: { account, region: MEMBER.region } },
      { arn: `arn:aws:sts::${account}:assumed-role/any/s`, accountId: account, organizationId },
    );

  expect(() => send("333333333333", "o-theirs")).toThrow("no resource-based policy allows the events:PutEvents action");
  // Of the organization, and of an endpoint's account: the bus takes them, and the endpoint says how it is.
  expect(send("444444444444", HUB.organizationId)).toBe(true);
  expect(send(MEMBER.accountId, HUB.organizationId)).toBe(true);
  await federation.tick();
  expect(statuses(await fleet("?fresh=true"))).toEqual(["local/one.example.com ACTIVE", "eu/two.example.com ACTIVE"]);
});

test("5.8.10: with the grant operator the hub may look and change, and neither delete nor create", async () => {
  const { scenario } = federation.member;
  const { api, region } = scenario.cloud.endpoints;
  const credentials = await hubKeys();
  const ask = async (method: string, path: string, document?: object) => {
    const url = new URL(`${api}${path}`);
    const body = document && JSON.stringify(document);
    const headers = { "content-type": "application/json", "idempotency-key": `${method}${path}` };
    const signed = await signedHeaders({ method, url, headers, body }, region, credentials);
    return (await fetch(url, { method, headers: signed, ...(body === undefined ? {} : { body }) })).status;
  };
  const path = "/clusters/two.example.com";

  expect(await ask("GET", path)).toBe(200);
  expect(await ask("PATCH", path, { spec: { labels: { seen: "yes" } } })).toBe(200);
  expect(await ask("DELETE", path)).toBe(403);
  expect(await ask("POST", "/clusters", { spec: { name: "three.example.com" } })).toBe(403);
  expect(await ask("POST", `${path}/kubeconfig`, {})).toBe(403);
  expect(statuses(await fleet())).toContain("eu/two.example.com ACTIVE");
});

test("a roll-out changes the clusters of both, each by one operation of its own Holdfast", async () => {
  const { hub, tick } = federation;
  const started = await hub.holdfast("fleet", "rollout", "prod", "--node-size", "t3.large", "--yes", "-o", "json");
  const { id } = RolloutViewSchema.parse(JSON.parse(started.stdout));
  const rollout = async () => {
    await tick();
    return hub.api.get(`/rollouts/${id}`, RolloutViewSchema);
  };
  const done = await eventually(rollout, ({ state }) => state === "done" || state === "stopped", 60_000);

  expect([done.state, done.reason, done.counts]).toEqual(["done", null, { ok: 2 }]);
  const { member } = federation;
  const { items } = await member.api.get("/clusters/two.example.com/events", z.object({ items: z.array(z.unknown()) }));
  expect(JSON.stringify(items)).toContain("holdfast-hub for iam:");
});

test("5.8.3: of an endpoint that does not answer nothing is known: its clusters are unknown since then, and not healthy", async () => {
  const { hub, loseMember } = federation;
  await loseMember();

  const seen = await fleet("?fresh=true");
  expect(statuses(seen)).toEqual(["eu/two.example.com UNKNOWN", "local/one.example.com ACTIVE"]);
  expect(seen.clusters[0]).toMatchObject({
    reason: expect.stringMatching(/^unknown since .*; last seen ACTIVE$/),
    unknownSince: expect.any(String),
  });
  expect((await hub.holdfast("validate", "fleet", "prod")).code).toBe(1);
  const exported = await hub.holdfast("export", "kubeconfig", "--fleet", "prod", "-o", "json");
  expect([exported.code, Kubeconfig.shape.contexts.parse(JSON.parse(exported.stdout).contexts)]).toEqual([
    1,
    [{ name: "holdfast/local/one.example.com" }],
  ]);
  expect(exported.stderr).toMatch(/^error: eu\/two.example.com: cannot reach/m);
  expect((await hub.holdfast("get", "endpoints")).stdout).toMatch(/eu +unreachable/);
});
