import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type Stack,
  UpdateTerminationProtectionCommand,
} from "@aws-sdk/client-cloudformation";
import { RUN_TAG } from "./cases.ts";
import { isRetained, type Retained, removeRetained } from "./retained.ts";
import type { RunState } from "./state.ts";
import type { Tools } from "./tools.ts";

const STACK = "Holdfast";

/** The address of the API of the stack; undefined where there is no stack. */
export async function findApi(region: string): Promise<string | undefined> {
  const stack = await findStack(new CloudFormationClient({ region }));
  return stack?.Outputs?.find(({ OutputKey }) => OutputKey === "ApiUrl")?.OutputValue;
}

/** The run that deployed the stack which stands; undefined where there is none, or somebody else deployed it. */
export async function runOfStack(region: string): Promise<string | undefined> {
  const stack = await findStack(new CloudFormationClient({ region }));
  return stack?.Tags?.find(({ Key }) => Key === RUN_TAG)?.Value;
}

async function findStack(client: CloudFormationClient): Promise<Stack | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
    return Stacks[0];
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

/**
 * Removes the stack that the run has deployed, and what the template keeps on purpose. May be repeated. Returns what is
 * left of it. A deployment that failed leaves a stack without outputs: it goes too.
 */
export async function removeStack(state: RunState, { save, say }: Pick<Tools, "save" | "say">): Promise<Retained[]> {
  const { region } = state;
  const client = new CloudFormationClient({ region });
  let { retained } = state;
  if ((await findStack(client)) !== undefined) {
    retained = [];
    for await (const page of paginateListStackResources({ client }, { StackName: STACK }))
      for (const { ResourceType: type = "", PhysicalResourceId: id = "" } of page.StackResourceSummaries ?? [])
        if (isRetained(type) && id !== "") retained.push({ type, id });
    await save({ retained });
    const unprotect = { StackName: STACK, EnableTerminationProtection: false };
    await client.send(new UpdateTerminationProtectionCommand(unprotect));
    await npm(["exec", "--", "cdk", "destroy", "--app", "cdk.out", "--force"], region, { say });
  }
  return removeRetained(region, retained);
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
