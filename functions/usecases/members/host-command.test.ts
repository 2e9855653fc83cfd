import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as ssm from "@aws-sdk/client-ssm";
import { beforeAll, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../../local/testing/dynamodb.ts";
import { startWire } from "../../../local/testing/wire.ts";
import { AwsError, type Handlers } from "../../../local/wire/contract.ts";
import { defineService } from "../../../local/wire/service.ts";
import { setEnvironment } from "../../../test/support/environment.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { recoverRecord } from "../../domain/deletion/deletion.ts";
import type { Table } from "../../store/keys.ts";
import { updateMember } from "../../store/members.ts";
import { createClusterRecord } from "../../store/operations.ts";
import { beginStep } from "../../store/steps.ts";

const clock = new TestClock();
const NOW = clock.now();
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
let commands: typeof import("./host-command.ts");
let deps: Parameters<typeof commands.askHost>[0];
beforeAll(async () => {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  const found = { name: NAME, uid: "01ab", region: "us-west-2", zones: [] };
  const creating: ClusterRecord = { ...recoverRecord(found, NOW), status: "CREATING", operation: "create-1" };
  await createClusterRecord(table, creating, "create-1", undefined, NOW);
  const wire = await startWire({ services: [defineService(ssm, "SSMClient", handlers)] });
  const { endpoint, credentials } = wire.client;
  setEnvironment({
    AWS_ENDPOINT_URL_SSM: endpoint,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  commands = await import("./host-command.ts");
  const [{ system }, { openStore }] = await Promise.all([
    import("../../runtime/system.ts"),
    import("../../store/store.ts"),
  ]);
  const store = openStore(table, { table: "heartbeats", instances: "", client: table.client });
  deps = { ...system, store, clock, aws: commands.hostCommandCalls };
});

/** One run of the step, as its handler makes it. */
async function run(instanceId: string, question: { document?: string; parameters?: Record<string, string[]> } = {}) {
  const begun = await beginStep(table, STEP, NOW);
  return commands.askHost(deps, { ...STEP, begun }, { ...QUESTION, instanceId, ...question });
}

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

test("7: another document, or other parameters, is another command", async () => {
  const host = "i-0dddddddddddddddd";
  const before = sent.length;
  await expect(run(host, { parameters: { nodes: ["i-1"] } })).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(run(host, { parameters: { nodes: ["i-1"] } })).rejects.toMatchObject({ name: "NotReadyYet" });
  expect(sent.length - before).toBe(1);
  await expect(run(host, { parameters: { nodes: ["i-2"] } })).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(run(host, { document: "list-nodes" })).rejects.toMatchObject({ name: "NotReadyYet" });
  expect(sent.length - before).toBe(3);
});

test("7: what a document that failed printed is the reason of the wait", async () => {
  status = "Failed";
  const begun = await beginStep(table, { ...STEP, step: "Renew member" }, NOW);
  const asking = { ...STEP, step: "Renew member", begun };

  await expect(commands.runDocument(deps, asking, "i-0eeeeeeeeeeeeeeee", "renew-member")).rejects.toMatchObject({
    name: "NotReadyYet",
    message: "renew-member on i-0eeeeeeeeeeeeeeee: Failed i-0eeeeeeeeeeeeeeee said",
  });
});

test("MINOR 12: what a master let its time pass over is asked of another; while its time runs it is the one", async () => {
  for (const [member, health] of Object.entries({ a: "healthy", b: "healthy", c: "unhealthy" } as const)) {
    await updateMember(table, NAME, member, { instanceId: `i-${member}`, health });
  }
  const sentTo = (instanceId: string, agoMs: number) => ({
    first: false,
    command: { id: "1", document: "d", parameters: "", instanceId, sentAt: clock.now().getTime() - agoMs },
  });
  const choose = (begun: Parameters<typeof commands.chooseMaster>[2], except?: string) =>
    commands.chooseMaster(deps, NAME, begun, 20_000, except);

  expect(await choose({ first: true, command: undefined })).toBe("i-a");
  expect(await choose({ first: true, command: undefined }, "a")).toBe("i-b");
  expect(await choose(sentTo("i-b", 1_000))).toBe("i-b");
  for (let look = 0; look < 10; look++) expect(await choose(sentTo("i-a", 30_000))).toBe("i-b");
  expect(await choose(sentTo("i-a", 30_000), "b")).toBe("i-a");
  // One that is not healthy any more is not waited for.
  expect(await choose({ ...sentTo("i-c", 1_000), first: true })).toBe("i-a");
  const asked = new Set<string>();
  for (let look = 0; look < 20; look++) asked.add(await choose({ first: false, command: undefined }));
  expect([...asked].sort()).toEqual(["i-a", "i-b"]);
});

test("7: steps wait for no document, but for one word: to move a leader, and to ask all members for a backup", () => {
  const steps = join(import.meta.dirname, "../../steps");
  const waiting = globSync("**/*.ts", { cwd: steps, exclude: ["**/*.test.ts"] }).filter((file) =>
    /\baskHosts\b/.test(readFileSync(join(steps, file), "utf8")),
  );

  expect(waiting.map((file) => basename(file)).toSorted()).toEqual([
    "compare-hashes.ts",
    "save-snapshot.ts",
    "stop-master.ts",
  ]);
});
