import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "vitest";
import type { ClusterView, OperationView } from "../../functions/domain/api/views.ts";
import type { Table } from "../../functions/store/keys.ts";
import { CREATE } from "./create.ts";
import { explain, repairsOf, whole } from "./events.ts";
import { reconcile } from "./reconcile.ts";
import { eventually, type Scenario, startScenario } from "./scenario.ts";

/** What a test of healing asks of one cluster, over and over. */
export interface Healing {
  /** `holdfast local fault …`, which must succeed. */
  fault(...words: string[]): Promise<void>;
  /** What the schedule does every minute, now. */
  reconcile(): Promise<void>;
  /** Runs the reconciler until a repair has begun: hosts need a while to say that something is wrong. */
  found(): Promise<void>;
  /** Whole and free: the next test starts from here. */
  whole(withinMs?: number): Promise<ClusterView>;
  /** DEGRADED, and nobody at work. */
  degraded(withinMs?: number): Promise<ClusterView>;
  repairs(): Promise<OperationView[]>;
  /** The event history so far, one sentence a line. */
  explain(): Promise<string>;
  /** etcd's ids of the members by name. */
  memberIds(): Promise<Record<string, string>>;
  /** The product's table, as an operator with all permissions sees it. */
  readonly table: Table;
  /** Runs a command on the host of a member. */
  onHost(member: string, command: string): Promise<string>;
}

/** The table of the one stack of a local cloud. */
async function tableOf(client: { endpoint: string; region: string }): Promise<Table> {
  const dynamo = new DynamoDBClient({ ...client, credentials });
  const { TableNames: [name = ""] = [] } = await dynamo.send(new ListTablesCommand({}));
  return { name, client: DynamoDBDocumentClient.from(dynamo) };
}

const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

export async function healingOf(scenario: Scenario, name: string): Promise<Healing> {
  const { aws, region } = scenario.cloud.endpoints;
  const table = await tableOf({ endpoint: aws, region });
  const healing: Healing = {
    table,
    fault: async (...words) => {
      const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    },
    reconcile: () => reconcile(scenario),
    found: async () => {
      const known = (await healing.repairs()).length;
      const begun = async () => {
        await healing.reconcile();
        return (await healing.repairs()).length;
      };
      await eventually(begun, (count) => count > known, 300_000);
    },
    whole: (withinMs = 300_000) => whole(scenario, name, withinMs),
    degraded: (withinMs = 300_000) =>
      eventually(
        () => scenario.cluster(name),
        ({ status, operation }) => status === "DEGRADED" && operation === null,
        withinMs,
      ),
    repairs: () => repairsOf(scenario, name),
    explain: () => explain(scenario, name),
    memberIds: async () => {
      const lines = (await scenario.etcdctl(name, "member", "list")).split("\n").map((line) => line.split(", "));
      return Object.fromEntries(lines.map(([id = "", , member = ""]) => [member, id]));
    },
    onHost: async (member, command) => {
      const { code, stdout, stderr } = await scenario.holdfast(
        "local",
        "shell",
        name,
        member,
        "--",
        "sh",
        "-c",
        command,
      );
      if (code !== 0) throw new Error(`on ${member}: ${stderr}${stdout}`);
      return stdout.trim();
    },
  };
  return healing;
}

interface HealingCluster {
  readonly scenario: Scenario;
  readonly healing: Healing;
}

/** A local cloud with a cluster of three masters in three zones, which later flags may shape. */
export function startHealing(name: string, ...flags: string[]): Promise<HealingCluster> {
  return createHealing([...CREATE, ...flags], name);
}

/** A local cloud with a cluster that the command makes once a name follows. */
export async function createHealing(command: readonly string[], name: string): Promise<HealingCluster> {
  const scenario = await startScenario();
  expect(await scenario.holdfast(...command, name, "--yes", "--wait")).toMatchObject({ code: 0 });
  return { scenario, healing: await healingOf(scenario, name) };
}
