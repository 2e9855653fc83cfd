import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect } from "vitest";
import type { ClusterView, OperationView } from "../../functions/domain/views.ts";
import type { Table } from "../../functions/gateways/table/keys.ts";
import { eventually, type Scenario } from "./scenario.ts";

/** What a test of healing asks of one cluster, over and over. */
export interface Healing {
  /** `holdfast local fault …`, which must succeed. */
  fault(...words: string[]): Promise<void>;
  /** What the schedule does every minute, now. */
  sweep(): Promise<void>;
  /** Sweeps until a repair has begun: hosts need a while to say that something is wrong. */
  found(): Promise<void>;
  /** Whole and free: the next test starts from here. */
  whole(withinMs?: number): Promise<ClusterView>;
  /** DEGRADED, and nobody at work. */
  degraded(withinMs?: number): Promise<ClusterView>;
  repairs(): Promise<OperationView[]>;
  /** The story so far, one sentence a line. */
  story(): Promise<string>;
  /** etcd's ids of the members by name. */
  memberIds(): Promise<Record<string, string>>;
  /** The product's table, as an operator with all rights sees it. */
  readonly table: Table;
  /** Runs a command on the host of a member. */
  onHost(member: string, command: string): Promise<string>;
}

/** The table of the one stack of a local cloud. */
const tableOf = async (client: { endpoint: string; region: string }): Promise<Table> => {
  const dynamo = new DynamoDBClient({ ...client, credentials });
  const { TableNames: [name = ""] = [] } = await dynamo.send(new ListTablesCommand({}));
  return { name, client: DynamoDBDocumentClient.from(dynamo) };
};

const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };

export const healingOf = async (scenario: Scenario, name: string): Promise<Healing> => {
  const { aws, region } = scenario.cloud.endpoints;
  const lambda = new LambdaClient({ endpoint: aws, region, credentials });
  const becomes = (status: ClusterView["status"], healthy: number, withinMs: number) =>
    eventually(
      () => scenario.cluster(name),
      (cluster) => cluster.status === status && cluster.quorum.healthy >= healthy && cluster.operation === null,
      withinMs,
    );
  const table = await tableOf({ endpoint: aws, region });
  const healing: Healing = {
    table,
    fault: async (...words) => {
      const { code, stderr } = await scenario.holdfast("local", "fault", ...words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    },
    sweep: async () => {
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const sweep = Functions.find(({ FunctionName = "" }) => FunctionName.includes("sweep"))?.FunctionName;
      const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: sweep, Payload: "{}" }));
      expect(FunctionError).toBeUndefined();
    },
    found: async () => {
      const known = (await healing.repairs()).length;
      const begun = async () => {
        await healing.sweep();
        return (await healing.repairs()).length;
      };
      await eventually(begun, (count) => count > known, 300_000);
    },
    whole: async (withinMs = 300_000) => becomes("ACTIVE", (await scenario.cluster(name)).quorum.size, withinMs),
    degraded: (withinMs = 300_000) => becomes("DEGRADED", 0, withinMs),
    repairs: async () => {
      const { stdout } = await scenario.holdfast("get", "operations", name, "-o", "json");
      return JSON.parse(stdout).items.filter(({ kind }: OperationView) => kind === "repair");
    },
    story: async () => (await scenario.holdfast("get", "events", name)).stdout,
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
};
