import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedHeaders } from "../../client/signing.ts";
import { createSigningRequest } from "../../local/image/kubernetes/common/certificates.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

/** H3: whoever could read the join token was any node of the cluster, masters' too. */

const ONE = "one.example.com";
const TWO = "two.example.com";
const TOKEN = /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const create = ["create", "cluster", "--zones", "us-west-2a", "--yes", "--node-count"];
  const made = await Promise.all([scenario.holdfast(...create, "3", ONE), scenario.holdfast(...create, "1", TWO)]);
  expect(made.map(({ code }) => code)).toEqual([0, 0]);
  for (const name of [ONE, TWO])
    await eventually(
      () => scenario.cluster(name),
      ({ status }) => status === "ACTIVE",
      60_000,
    );
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function nodesOf(name: string): Promise<string[]> {
  return (await scenario.cluster(name)).nodes.map(({ instanceId }) => instanceId);
}

async function masterOf(name: string): Promise<string> {
  return (await scenario.cluster(name)).members[0]?.instanceId ?? "";
}

/** A session as EC2 gives it to an instance, whose id is its name. */
function sessionOf(instanceId: string) {
  const { services, context } = scenario.cloud;
  const role = services.iam.instanceRole(services.ec2.store.instances.get(instanceId)?.profileArn ?? "");
  if (!role) throw new Error(`${instanceId} has no role`);
  return context.credentials.assumeRole(role.roleArn, instanceId);
}

interface Attempt {
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly cluster: string;
  readonly instanceId: string;
  /** Whose name the certificate is to bear, if not the instance's. */
  readonly as?: string;
}

/** Status and problem of an attempt; what API Gateway refuses by itself has no problem. */
async function attempt({ keys, cluster, instanceId, as = instanceId }: Attempt) {
  const subject = { commonName: `system:node:${as}`, organizations: ["system:nodes"] };
  const { request: certificateRequest } = await createSigningRequest(subject);
  const url = new URL(`/clusters/${cluster}/nodes/${instanceId}/certificate`, scenario.cloud.endpoints.api);
  const body = JSON.stringify({ certificateRequest });
  const unsigned = { method: "POST", url, headers: { "content-type": "application/json" }, body };
  const headers = await signedHeaders(unsigned, scenario.cloud.endpoints.region, keys);
  const answer = await fetch(url, { method: "POST", headers, body });
  const { type = "", detail = "", message = "" } = Object(await answer.json());
  return [answer.status, String(type).split("/").at(-1), detail || message];
}

function refused(detail: string) {
  return [403, "forbidden", detail];
}

/** By API Gateway: the role's own policy allows no such call. */
const NOT_INVOKED = [403, "", "Forbidden"];

test("H3: nodes have joined without a token, by certificates of their own", async () => {
  expect(await nodesOf(ONE)).toHaveLength(3);
  expect(await nodesOf(TWO)).toHaveLength(1);
});

test("H3: a node gets no certificate as another node, nor as a master", async () => {
  const [x = "", y = ""] = await nodesOf(ONE);
  const master = await masterOf(ONE);
  const keys = sessionOf(x);

  expect(await attempt({ keys, cluster: ONE, instanceId: y })).toEqual(refused(refusalOf(x, y, ONE)));
  expect(await attempt({ keys, cluster: ONE, instanceId: master })).toEqual(refused(refusalOf(x, master, ONE)));
  expect(await attempt({ keys, cluster: ONE, instanceId: x, as: y })).toEqual(
    refused(`the certificate request must be for O=system:nodes, CN=system:node:${x}`),
  );
});

function refusalOf(caller: string, instanceId: string, cluster: string): string {
  return `${arnOf(caller)} is not the node ${instanceId} of ${cluster}`;
}

function arnOf(instanceId: string): string {
  return sessionOf(instanceId).principal.arn;
}

test("H3: a node of one cluster is none of another", async () => {
  const [x = ""] = await nodesOf(ONE);
  const [foreign = ""] = await nodesOf(TWO);
  const keys = sessionOf(x);

  expect(await attempt({ keys, cluster: TWO, instanceId: x })).toEqual(NOT_INVOKED);
  expect(await attempt({ keys, cluster: TWO, instanceId: foreign })).toEqual(NOT_INVOKED);
  expect(await attempt({ keys, cluster: ONE, instanceId: foreign })).toEqual(refused(refusalOf(x, foreign, ONE)));
});

test("H3: once a node has its certificate, no second key gets one", async () => {
  const [x = ""] = await nodesOf(ONE);

  const second = await attempt({ keys: sessionOf(x), cluster: ONE, instanceId: x });

  expect(second).toEqual([409, "node-key-taken", `another key was certified for ${x} before`]);
});

test("H3: a master's role gets no certificate, even where IAM lets it ask", async () => {
  const master = await masterOf(ONE);
  const [x = ""] = await nodesOf(ONE);
  const keys = sessionOf(master);
  expect(await attempt({ keys, cluster: ONE, instanceId: master })).toEqual(NOT_INVOKED);

  await allowInvoke(keys.principal.roleArn ?? "");

  for (const instanceId of [master, x])
    expect(await attempt({ keys, cluster: ONE, instanceId })).toEqual(refused(refusalOf(master, instanceId, ONE)));
});

function operator() {
  return {
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

async function allowInvoke(roleArn: string): Promise<void> {
  const Statement = [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const RoleName = roleArn.split("/").at(-1);
  await new IAMClient(operator()).send(new PutRolePolicyCommand({ RoleName, PolicyName: "invoke", PolicyDocument }));
}

test("H3: nor does an administrator of everything, whether the cluster exists or not", async () => {
  const { credentials: keys } = operator();
  const [x = ""] = await nodesOf(ONE);
  const by = "arn:aws:iam::123456789012:user/holdfast";

  expect(await attempt({ keys, cluster: ONE, instanceId: x })).toEqual(refused(`${by} is not the node ${x} of ${ONE}`));
  expect(await attempt({ keys, cluster: "no.example.com", instanceId: x })).toEqual(
    refused(`${by} is not the node ${x} of no.example.com`),
  );
});

test("H3: there is no such route below /token", async () => {
  const [x = ""] = await nodesOf(ONE);
  const url = `${scenario.cloud.endpoints.api}/token/clusters/${ONE}/nodes/${x}/certificate`;

  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(404);
});

test("H3: what a terminated node has left opens nothing", async () => {
  const [x = ""] = await nodesOf(ONE);
  const keys = sessionOf(x);
  await scenario.terminate(x);
  const { instances } = scenario.cloud.services.ec2.store;
  await eventually(
    async () => instances.get(x)?.state,
    (state) => state === "terminated",
    30_000,
  );

  const left = await attempt({ keys, cluster: ONE, instanceId: x });

  expect(left).toEqual(refused(`${x} is no node of ${ONE}: it is terminated`));
});

test("H3: nothing in Parameter Store or on a console has the shape of a token", async () => {
  const { services, hosts } = scenario.cloud;
  const { Parameters = [] } = await new SSMClient(operator()).send(
    new GetParametersByPathCommand({ Path: "/holdfast", Recursive: true, WithDecryption: true }),
  );
  const consoles = services.ec2.store.instances.list().map(({ id }) => hosts.console(id));

  expect(Parameters.filter(({ Name = "" }) => Name.includes("/nodes/"))).toEqual([]);
  expect([...Parameters.map(({ Value = "" }) => Value), ...consoles].filter((text) => TOKEN.test(text))).toEqual([]);
});
