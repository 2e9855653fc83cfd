import { CreateVpcCommand, DescribeVpcsCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SECRETS_KEY } from "../../functions/domain/cluster/naming.ts";
import { masterPolicy, nodePolicy } from "../../functions/domain/permissions/instance-policies.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Instances' sessions are named after them; the boundary lets nobody else use these roles. */
const HOST = "i-0123456789abcdef0";

/** Settings of a client that calls as a role, with keys such as its function or instance has. */
function clientOf(roleArn: string, session = "test") {
  return {
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: scenario.cloud.context.credentials.assumeRole(roleArn, session),
  };
}

function operator() {
  return {
    endpoint: scenario.cloud.endpoints.aws,
    region: scenario.cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
}

/** The ARN of the role that the stack gives to a function. */
function roleOf(functionName: string): string {
  const found = Object.values(scenario.cloud.services.iam.snapshot().roles).find(({ name }) =>
    name.startsWith(`Holdfast-${functionName.replaceAll("-", "")}Role`),
  );
  if (!found) throw new Error(`the stack has no role of ${functionName}`);
  return found.arn;
}

async function vpcIds(): Promise<string[]> {
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand());
  return Vpcs.map(({ VpcId = "" }) => VpcId);
}

test("X5: a function that makes networks makes none that is not its own, and ends no instance", async () => {
  const before = await vpcIds();
  const ec2 = new EC2Client(clientOf(roleOf("create-network")));

  const untagged = ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
  const terminate = ec2.send(new TerminateInstancesCommand({ InstanceIds: ["i-0123456789abcdef0"] }));

  await expect(untagged).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  await expect(terminate).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  expect(await vpcIds()).toEqual(before);
});

test("X5: a function that reads image parameters reads no cluster's secrets", async () => {
  await secretOf("one.example.com", "control/authorities");
  const ssm = new SSMClient(clientOf(roleOf("create-plan")));

  const read = ssm.send(new GetParameterCommand({ Name: "/holdfast/one.example.com/control/authorities" }));

  await expect(read).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("X5: a master reads its own cluster's parameters, and none of another cluster's", async () => {
  await Promise.all(["one.example.com", "two.example.com"].map((cluster) => secretOf(cluster, "masters/shared")));
  const ssm = new SSMClient(clientOf(await instanceRole("masters"), HOST));
  const read = (path: string) => ssm.send(new GetParameterCommand({ Name: `/holdfast/${path}`, WithDecryption: true }));

  const own = await read("one.example.com/masters/shared");

  expect(own.Parameter?.Value).toBe("secret of one.example.com");
  const refused = { name: "AccessDeniedException" };
  await expect(read("two.example.com/masters/shared")).rejects.toMatchObject(refused);
  await expect(read("one.example.com/control/authorities")).rejects.toMatchObject(refused);
  const listing = ssm.send(new GetParametersByPathCommand({ Path: "/holdfast", Recursive: true }));
  await expect(listing).rejects.toMatchObject(refused);
});

test("X5: the permission to read a secret opens none without the permission to use its key", async () => {
  await secretOf("one.example.com", "masters/shared");
  const { iam } = scenario.cloud.services;
  const { arn } = iam.putRole({
    name: "reader",
    trustPolicy: '{"Statement":[]}',
    inlinePolicies: { own: '{"Statement":[{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"*"}]}' },
  });
  const ssm = new SSMClient(clientOf(arn));
  const Name = "/holdfast/one.example.com/masters/shared";

  const opened = ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));

  await expect(opened).rejects.toMatchObject({ name: "AccessDeniedException" });
  expect((await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value).not.toContain("secret of");
});

test("X5: a node reads no parameter, neither its cluster's nor another", async () => {
  await secretOf("one.example.com", "masters/shared");
  const ssm = new SSMClient(clientOf(await instanceRole("nodes"), HOST));
  const read = (Name: string) => ssm.send(new GetParameterCommand({ Name }));

  await expect(read("/holdfast/one.example.com/masters/shared")).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
  await expect(read("/somebody/else")).rejects.toMatchObject({ name: "AccessDeniedException" });
});

async function secretOf(cluster: string, path: string): Promise<void> {
  const Name = `/holdfast/${cluster}/${path}`;
  const Value = `secret of ${cluster}`;
  await new SSMClient(operator()).send(
    new PutParameterCommand({ Name, Value, Type: "SecureString", KeyId: SECRETS_KEY, Overwrite: true }),
  );
}

/** A role as the product makes it for the instances of `one.example.com`. */
async function instanceRole(kind: "masters" | "nodes"): Promise<string> {
  const iam = new IAMClient(operator());
  const { accountId, region } = scenario.cloud.context;
  const owner = { cluster: "one.example.com", uid: "one", labels: {} };
  const secretsKeyArn = scenario.cloud.services.keys.arnOf(SECRETS_KEY) ?? "";
  const place = { partition: "aws", accountId, region, heartbeatTable: "heartbeats", apiId: "api", secretsKeyArn };
  const RoleName = `one-${kind}`;
  const [boundary] = Object.keys(scenario.cloud.services.iam.snapshot().policies);
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName,
      Path: "/holdfast/",
      AssumeRolePolicyDocument: '{"Statement":[]}',
      PermissionsBoundary: boundary,
    }),
  );
  const hosts = { network: "cilium", securityGroups: [] } as const;
  const policy =
    kind === "masters" ? masterPolicy(owner, place, { ...hosts, member: "a" }) : nodePolicy(owner, place, hosts);
  const PolicyDocument = JSON.stringify(policy);
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "cluster", PolicyDocument }));
  // Roles that were made earlier have it, and others attach it.
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  return Role?.Arn ?? "";
}
