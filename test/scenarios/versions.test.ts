import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeLaunchTemplateVersionsCommand } from "@aws-sdk/client-ec2";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Scenario, startScenario } from "../support/scenario.ts";
import { tableName } from "../support/table-name.ts";

const NAME = "pinned.example.com";

let scenario: Scenario;
let table: DynamoDBDocumentClient;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const { aws, region } = scenario.cloud.endpoints;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  table = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: aws, region, credentials }));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const PINNED = {
  ...{ holdfast: "0.1.0", kubernetes: "1.36.6", etcd: "3.6.14", containerd: "1.7", helm: "4.2.3" },
  addOns: { cloudController: "0.0.11", cloudControllerImage: "v1.36.1", ebsDriver: "2.64.0", cilium: "1.20.2" },
};

function change(UpdateExpression: string, values?: object) {
  return table.send(
    new UpdateCommand({
      TableName: tableName(scenario.cloud),
      Key: { pk: `CLUSTER#${NAME}`, sk: "META" },
      UpdateExpression,
      ExpressionAttributeNames: { "#r": "record" },
      ...(values && { ExpressionAttributeValues: values }),
    }),
  );
}

/** Which release of Kubernetes the launch template of these machines installs. */
async function releaseIn(resource: string): Promise<string | undefined> {
  const { LaunchTemplateVersions = [] } = await scenario.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ Versions: ["$Default"] }),
  );
  const template = LaunchTemplateVersions.find(({ LaunchTemplateData }) =>
    LaunchTemplateData?.TagSpecifications?.some(({ Tags = [] }) => Tags.some(({ Value }) => Value === resource)),
  );
  const text = Buffer.from(template?.LaunchTemplateData?.UserData ?? "", "base64").toString();
  return /^KUBERNETES_VERSION='(.*)'$/m.exec(text)?.[1];
}

test("M13: a cluster that asks for a minor gets its newest release, and its record says all that it runs", async () => {
  const create = ["create", "cluster", "--zones", "us-west-2a", "--node-count", "0", NAME];
  const plan = await scenario.holdfast(...create, "-o", "json");
  const { code } = await scenario.holdfast(...create, "--kubernetes-version", "1.36", "--yes", "--wait");
  const shown = await scenario.holdfast("get", "cluster", NAME, "-o", "json");

  expect(code).toBe(0);
  expect(JSON.parse(plan.stdout).versions).toEqual(PINNED);
  expect(JSON.parse(shown.stdout).versions).toEqual(PINNED);
  expect(await releaseIn("master-a")).toBe("v1.36.6");
});

test("F2: what is rendered later has the versions of the record, whatever a new cluster would get", async () => {
  await change("SET #r.versions.kubernetes = :older", { ":older": "1.36.2" });

  const { code } = await scenario.holdfast("scale", "nodes", NAME, "--count", "1", "--yes", "--wait");

  expect(code).toBe(0);
  expect(await releaseIn("node")).toBe("v1.36.2");
  expect((await scenario.holdfast("get", "clusters", NAME)).stdout).toMatch(/Kubernetes 1\.36\.2\b|\s1\.36\.2\s/);
});

test("F2: a record from before there were versions continues with what its boot script had", async () => {
  await change("REMOVE #r.versions");

  const { code } = await scenario.holdfast("scale", "nodes", NAME, "--count", "2", "--yes", "--wait");
  const shown = await scenario.holdfast("get", "cluster", NAME, "-o", "json");

  expect(code).toBe(0);
  expect(JSON.parse(shown.stdout)).toMatchObject({
    status: "ACTIVE",
    versions: null,
    nodes: [{ ready: true }, { ready: true }],
  });
});
