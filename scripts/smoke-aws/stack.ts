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
  return apiUrlOf(await findStack(new CloudFormationClient({ region })));
}

/** What the stack that stands is to a run: its own, one to use, or one that nobody but its owner may touch, and why. */
export async function stackFor(run: string, region: string): Promise<StackUse> {
  return stackUse(await findStack(new CloudFormationClient({ region })), run);
}

export type StackUse =
  | { readonly kind: "none" | "own" }
  | { readonly kind: "use"; readonly api: string }
  | { readonly kind: "foreign"; readonly why: string };

/** A stack without an API is being deployed or has failed: whose it is, who deploys over it would remove it as well. */
export function stackUse(stack: Stack | undefined, run: string): StackUse {
  if (stack === undefined) return { kind: "none" };
  const owner = ownerOf(stack);
  // Nothing is in a stack whose first change set was not executed, and its tags come with that.
  if (owner === run || stack.StackStatus === "REVIEW_IN_PROGRESS") return { kind: "own" };
  if (owner !== undefined)
    return { kind: "foreign", why: `the stack ${STACK} is that of ${owner}, which removes it when it ends` };
  const api = apiUrlOf(stack);
  if (api !== undefined) return { kind: "use", api };
  const state = stack.StackStatus ?? "an unknown state";
  return { kind: "foreign", why: `somebody's stack ${STACK} stands in ${state}, without an API: finish or remove it` };
}

function apiUrlOf(stack: Stack | undefined): string | undefined {
  return stack?.Outputs?.find(({ OutputKey }) => OutputKey === "ApiUrl")?.OutputValue;
}

function ownerOf(stack: Stack | undefined): string | undefined {
  return stack?.Tags?.find(({ Key }) => Key === RUN_TAG)?.Value;
}

/** The run that deployed the stack which stands; undefined where there is none, or somebody else deployed it. */
export async function runOfStack(region: string): Promise<string | undefined> {
  return ownerOf(await findStack(new CloudFormationClient({ region })));
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
  // Minutes have passed: whoever deployed meanwhile would lose the stack with this run.
  const use = await stackFor(run, region);
  if (use.kind === "foreign") throw new Error(use.why);
  if (use.kind === "use") throw new Error(`somebody has deployed the stack ${STACK} meanwhile`);
  const tags = ["--tags", `${RUN_TAG}=${run}`, "--tags", "application=holdfast"];
  const deploy = ["exec", "--", "cdk", "deploy", "--app", "cdk.out", "--require-approval", "never", ...tags];
  await npm(deploy, region, tools);
}

/**
 * Removes the stack that the run has deployed, and what the template keeps on purpose. May be repeated. Returns what is
 * left of it. A deployment that failed leaves a stack without outputs: it goes too. Somebody else's stack stays.
 */
export async function removeStack(state: RunState, { save, say }: Pick<Tools, "save" | "say">): Promise<Retained[]> {
  const { region } = state;
  const client = new CloudFormationClient({ region });
  let { retained } = state;
  if ((await stackFor(state.run, region)).kind === "own") {
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
  // In a group of its own: Ctrl-C in a terminal reaches this run alone, which decides what ends.
  const child = spawn("npm", args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const { pid } = child;
  const end = () => pid !== undefined && process.kill(-pid, "SIGTERM");
  signal?.addEventListener("abort", end, { once: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-4_000);
    });
  const [code] = await once(child, "exit");
  signal?.removeEventListener("abort", end);
  if (code !== 0)
    throw new Error(`npm ${args.join(" ")} ended with ${code}: ${output.trim().split("\n").slice(-5).join(" | ")}`);
}
