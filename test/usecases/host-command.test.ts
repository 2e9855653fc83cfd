import * as ssm from "@aws-sdk/client-ssm";
import { beforeAll, expect, test } from "vitest";
import { recoverRecord } from "../../functions/domain/deletion.ts";
import type { ClusterRecord } from "../../functions/domain/records.ts";
import type { Table } from "../../functions/gateways/table/keys.ts";
import { createClusterRecord } from "../../functions/gateways/table/operations.ts";
import { beginStep } from "../../functions/gateways/table/steps.ts";
import { AwsError, type Handlers } from "../../local/wire/contract.ts";
import { defineService } from "../../local/wire/service.ts";
import { CLUSTER_TABLE, startDynamoDb } from "../local/dynamodb/start.ts";
import { startWire } from "../local/wire/start.ts";

const NOW = new Date("2026-11-29T12:00:00Z");
const NAME = "busy.example.com";
const STEP = { operation: "create-1", cluster: NAME, step: "Await member", member: null };
const QUESTION = { document: "await-member", firstLookMs: 1, answersWithinMs: 60_000 };

/** Run Command: to whom commands were sent, and what it says of each. */
const sent: string[] = [];
let status: ssm.CommandInvocationStatus = "InProgress";
const handlers: Handlers<typeof ssm> = {
  SendCommand: ({ InstanceIds: [id = ""] = [] }) => {
    if (id === "i-0ff11e00000000000") throw new AwsError("InvalidInstanceId", "not registered");
    sent.push(id);
    return { Command: { CommandId: `3c3e9bd2-1f6b-4a33-8b41-${String(sent.length).padStart(12, "0")}` } };
  },
  GetCommandInvocation: ({ InstanceId = "" }) => ({ Status: status, StandardOutputContent: `${InstanceId} said` }),
};

let table: Table;
let askHost: typeof import("../../functions/usecases/host-command.ts").askHost;
beforeAll(async () => {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  const found = { name: NAME, uid: "01ab", region: "us-west-2", zones: [] };
  const creating: ClusterRecord = { ...recoverRecord(found, NOW), status: "CREATING", operation: "create-1" };
  await createClusterRecord(table, creating, "create-1", undefined, NOW);
  const wire = await startWire({ services: [defineService(ssm, "SSMClient", handlers)] });
  const { endpoint, credentials } = wire.client;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SSM: endpoint,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  ({ askHost } = await import("../../functions/usecases/host-command.ts"));
});

/** One run of the step, as its handler makes it. */
const run = async (instanceId: string) => {
  const begun = await beginStep(table, STEP, NOW);
  return askHost(table, { ...STEP, begun }, { ...QUESTION, instanceId });
};

test("1: a command that runs on is remembered: the next run of the step looks at it, and sends no other", async () => {
  await expect(run("i-0aaaaaaaaaaaaaaaa")).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(run("i-0aaaaaaaaaaaaaaaa")).rejects.toMatchObject({ name: "NotReadyYet" });
  status = "Success";

  expect(await run("i-0aaaaaaaaaaaaaaaa")).toMatchObject({ ok: true, output: "i-0aaaaaaaaaaaaaaaa said" });
  expect(sent).toEqual(["i-0aaaaaaaaaaaaaaaa"]);
});

test("1: an answer ends it: the step's next question is a new command", async () => {
  await run("i-0aaaaaaaaaaaaaaaa");

  expect(sent).toHaveLength(2);
});

test("1: another host is asked for itself, and one that is not registered is asked again", async () => {
  status = "InProgress";
  await expect(run("i-0bbbbbbbbbbbbbbbb")).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(run("i-0ff11e00000000000")).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(run("i-0cccccccccccccccc")).rejects.toMatchObject({ name: "NotReadyYet" });

  expect(sent.slice(2)).toEqual(["i-0bbbbbbbbbbbbbbbb", "i-0cccccccccccccccc"]);
});
