import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DeleteTableCommand, DynamoDBClient, UpdateTableCommand } from "@aws-sdk/client-dynamodb";
import { KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { RUN_TAG } from "./cases.ts";
import type { RunState } from "./state.ts";
import type { Tools } from "./tools.ts";

const STACK = "Holdfast";
/** What the template retains. The key of the secrets can be deleted after seven days at the earliest. */
const RETAINED = ["AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup"];
const KEY_DAYS = 7;

/** The address of the API of the stack; undefined where there is no stack. */
export async function findApi(region: string): Promise<string | undefined> {
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
    return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === "ApiUrl")?.OutputValue;
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** Bootstraps the account and Region for the CDK, where that was not done, and deploys. Both may be repeated. */
export async function deployStack({ region, run }: RunState, tools: Pick<Tools, "say" | "signal">): Promise<void> {
  await npm(["run", "synth"], region, tools);
  await npm(["exec", "--", "cdk", "bootstrap", "--app", "cdk.out"], region, tools);
  const tags = ["--tags", `${RUN_TAG}=${run}`, "--tags", "application=holdfast"];
  const deploy = ["exec", "--", "cdk", "deploy", "--app", "cdk.out", "--require-approval", "never", ...tags];
  await npm(deploy, region, tools);
}

/** Removes the stack that the run has deployed, and what the template keeps on purpose. May be repeated. */
export async function removeStack(state: RunState, { save, say }: Pick<Tools, "save" | "say">): Promise<void> {
  const { region } = state;
  const client = new CloudFormationClient({ region });
  const api = await findApi(region).catch(() => undefined);
  let { retained } = state;
  if (api !== undefined) {
    retained = [];
    for await (const page of paginateListStackResources({ client }, { StackName: STACK }))
      for (const { ResourceType: type = "", PhysicalResourceId: id = "" } of page.StackResourceSummaries ?? [])
        if (RETAINED.includes(type)) retained.push({ type, id });
    await save({ retained });
    const unprotect = { StackName: STACK, EnableTerminationProtection: false };
    await client.send(new UpdateTerminationProtectionCommand(unprotect));
    await npm(["exec", "--", "cdk", "destroy", "--app", "cdk.out", "--force"], region, { say });
  }
  for (const each of retained) await removeRetained(region, each);
}

async function removeRetained(region: string, { type, id }: RunState["retained"][number]): Promise<void> {
  const gone = (error: unknown): void => {
    if (!(error instanceof Error) || !/NotFound|KMSInvalidState/.test(error.name)) throw error;
  };
  if (type === "AWS::KMS::Key") {
    const command = new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: KEY_DAYS });
    await new KMSClient({ region }).send(command).then(() => {}, gone);
  } else if (type === "AWS::Logs::LogGroup") {
    await new CloudWatchLogsClient({ region })
      .send(new DeleteLogGroupCommand({ logGroupName: id }))
      .then(() => {}, gone);
  } else {
    const client = new DynamoDBClient({ region });
    const unprotect = new UpdateTableCommand({ TableName: id, DeletionProtectionEnabled: false });
    await client.send(unprotect).then(() => {}, gone);
    await client.send(new DeleteTableCommand({ TableName: id })).then(() => {}, gone);
  }
}

/** Throws an Error with the end of what it printed. Ended with the run. */
async function npm(
  args: readonly string[],
  region: string,
  { say, signal }: { say: Tools["say"]; signal?: AbortSignal },
): Promise<void> {
  say(`  npm ${args.join(" ")}`);
  const env = { ...process.env, AWS_REGION: region, CDK_DEFAULT_REGION: region };
  const child = spawn("npm", args, { env, stdio: ["ignore", "pipe", "pipe"], ...(signal && { signal }) });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-4_000);
    });
  const [code] = await once(child, "exit");
  if (code !== 0)
    throw new Error(`npm ${args.join(" ")} ended with ${code}: ${output.trim().split("\n").slice(-5).join(" | ")}`);
}
