import {
  GetCommandInvocationCommand,
  ListCommandInvocationsCommand,
  SendCommandCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { AccessMissing, InstanceGone, NotReadyYet } from "../../domain/cluster/errors.ts";
import { systemClock } from "../../runtime/clock.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { call } from "../common/aws-errors.ts";

export interface HostAnswer {
  readonly instanceId: string;
  /** True when the document's script ended with 0. */
  readonly ok: boolean;
  /** What it printed. */
  readonly output: string;
  readonly status: string;
}

const ENDED = new Set(["Success", "Cancelled", "TimedOut", "Failed"]);

/** Few answers come sooner; before that, SSM may not even know the invocation (docs/references/aws.md#ssm). */
const MIN_RUN_MS = 500;

/** SSM's calls are few a second for a whole account: one that takes long is asked about seldom. */
const PACE = { firstMs: 250, growth: 1.3, maxMs: 3_000 };

export interface AskOptions {
  readonly withinMs: number;
  /** When the first answer is looked for: later for documents that wait on the host. */
  readonly firstLookMs?: number;
  readonly parameters?: Record<string, string[]>;
  /** Leaves out hosts that IAM refuses, such as one whose tags were removed. Without it they are an error. */
  readonly omitRefused?: boolean;
}

/**
 * Runs one of our documents on hosts and answers with what each said. A host that did not answer in time is in the list
 * with its last status; one that is not registered (not booted yet, or gone) is left out.
 */
export async function askHosts(
  ssm: SSMClient,
  document: string,
  instanceIds: readonly string[],
  options: AskOptions,
): Promise<HostAnswer[]> {
  try {
    return await ask(ssm, document, instanceIds, options);
  } catch (error) {
    const isRefused = options.omitRefused === true && error instanceof AccessMissing;
    if (!(error instanceof NotReadyYet || isRefused)) throw error;
    // One id that is not registered, or is refused, fails the whole call: ask the others one by one.
    if (instanceIds.length < 2) return [];
    const answers = await Promise.all(instanceIds.map((id) => askHosts(ssm, document, [id], options)));
    return answers.flat();
  }
}

/** Runs a document on one host and returns its output. Throws NotReadyYet with the output if it fails. */
export function sendCommand(
  ssm: SSMClient,
  document: string,
  instanceId: string,
  parameters?: Record<string, string[]>,
): Promise<string> {
  return send(ssm, document, [instanceId], parameters);
}

/** What a host answered to a command; undefined as long as that runs. */
export async function findAnswer(
  ssm: SSMClient,
  commandId: string,
  instanceId: string,
): Promise<HostAnswer | undefined> {
  return (await readAnswers(ssm, commandId, [instanceId])).find(({ status }) => ENDED.has(status));
}

async function ask(
  ssm: SSMClient,
  document: string,
  instanceIds: readonly string[],
  options: AskOptions,
): Promise<HostAnswer[]> {
  if (instanceIds.length === 0) return [];
  const CommandId = await send(ssm, document, instanceIds, options.parameters);
  let latest: HostAnswer[] = [];
  const look = async (): Promise<HostAnswer[] | undefined> => {
    latest = await readAnswers(ssm, CommandId, instanceIds);
    const ended = latest.filter(({ status }) => ENDED.has(status));
    return ended.length === instanceIds.length ? latest : undefined;
  };
  try {
    const { withinMs, firstLookMs: afterMs = MIN_RUN_MS } = options;
    const pace = { ...PACE, withinMs, afterMs };
    return await pollUntil(systemClock, look, { waitingFor: `answers to ${document}`, ...pace });
  } catch (error) {
    if (error instanceof NotReadyYet) return latest;
    throw error;
  }
}

/**
 * One host's output in full (24,000 characters); of several, 2,500 characters each in a single call
 * (docs/references/aws.md#ssm).
 */
async function readAnswers(ssm: SSMClient, CommandId: string, instanceIds: readonly string[]): Promise<HostAnswer[]> {
  const [only] = instanceIds;
  if (only !== undefined && instanceIds.length === 1) {
    const one = await call(ssm.send(new GetCommandInvocationCommand({ CommandId, InstanceId: only })));
    const output = one.StandardOutputContent ?? "";
    return [{ instanceId: only, ok: one.Status === "Success", output, status: one.Status ?? "" }];
  }
  const { CommandInvocations = [] } = await call(
    ssm.send(new ListCommandInvocationsCommand({ CommandId, Details: true })),
  );
  return CommandInvocations.map((invocation) => ({
    instanceId: invocation.InstanceId ?? "",
    ok: invocation.Status === "Success",
    output: invocation.CommandPlugins?.[0]?.Output ?? "",
    status: invocation.Status ?? "",
  }));
}

async function send(
  ssm: SSMClient,
  DocumentName: string,
  instanceIds: readonly string[],
  Parameters: Record<string, string[]> | undefined,
): Promise<string> {
  try {
    const { Command } = await call(
      ssm.send(
        new SendCommandCommand({
          DocumentName,
          InstanceIds: [...instanceIds],
          TimeoutSeconds: 30,
          ...(Parameters ? { Parameters } : {}),
        }),
      ),
    );
    return Command?.CommandId ?? "";
  } catch (error) {
    // InvalidInstanceId is "not registered yet" as well as "wrong" (docs/references/aws.md#ssm); callers know that it
    // was launched.
    if (error instanceof InstanceGone) {
      throw new NotReadyYet(`the management agent of ${instanceIds.join(", ")} is not online yet`, { cause: error });
    }
    throw error;
  }
}
