import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { keys } from "../../functions/store/keys.ts";
import { watchClusterIds } from "../support/cluster-ids.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { CREATE } from "../support/create.ts";
import { clusterIdOf, losePermanently } from "../support/permanent-loss.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";
import { tableName } from "../support/table-name.ts";

const NAME = "policy.example.com";

let scenario: Scenario;
let endpoints: EtcdEndpoints;
beforeAll(async () => {
  scenario = await startScenario();
  const { code, stderr } = await scenario.holdfast(
    ...[...CREATE, NAME, "--restore-policy", "survivor", "--yes", "--wait"],
  );
  if (code !== 0) throw new Error(stderr);
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Makes what the reconciler remembers of the loss so much older. */
async function ageLoss(minutes: number): Promise<void> {
  const { endpoints: addresses } = scenario.cloud;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const table = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: addresses.aws, region: addresses.region, credentials }),
  );
  await table.send(
    new UpdateCommand({
      TableName: tableName(scenario.cloud),
      Key: keys.cluster(NAME),
      UpdateExpression: "SET #record.quorumLoss.firstAt = #record.quorumLoss.firstAt - :ms",
      ExpressionAttributeNames: { "#record": "record" },
      ExpressionAttributeValues: { ":ms": minutes * 60_000 },
    }),
  );
  table.destroy();
}

test("17.6: with the policy survivor a lost majority is restored without being asked for, and the history says why", async () => {
  await scenario.etcdctl(NAME, "put", "alone", "kept");
  const before = await scenario.cluster(NAME);
  const formerId = await clusterIdOf(endpoints, "a");
  const volumes = ["b", "c"].map((name) => memberOf(before, name).volumeId);
  await losePermanently(scenario, before, "b", "c");
  await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "DEGRADED" && operation === null,
    60_000,
  );
  await using watch = watchClusterIds(endpoints);

  // The last heartbeats of the lost members say that they are healthy: for 200 seconds they are believed.
  await eventually(
    async () => {
      await scenario.reconcile();
      return ageLoss(3).then(
        () => true,
        () => false,
      );
    },
    (aged) => aged,
    240_000,
  );
  await scenario.reconcile();
  const early = (await scenario.cluster(NAME)).operation?.startsWith("restore-");
  await ageLoss(8);
  await eventually(
    async () => {
      await scenario.reconcile();
      return (await scenario.cluster(NAME)).operation ?? "";
    },
    (operation) => operation.startsWith("restore-"),
    60_000,
  );
  await eventually(
    () => scenario.cluster(NAME),
    ({ status, quorum }) => status === "ACTIVE" && quorum.healthy === 3,
    180_000,
  );

  expect(early ?? false).toBe(false);
  expect(await scenario.etcdctl(NAME, "get", "alone", "--print-value-only")).toBe("kept");
  expect(await clusterIdOf(endpoints, "b")).not.toBe(formerId);
  expect(watch.forks()).toEqual([]);
  const events = await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema);
  const [why, ...others] = events.filter(({ message }) => message.startsWith("A majority of volumes is gone"));
  for (const id of volumes) expect(why?.message).toContain(id);
  expect(others).toEqual([]);
});
