import { NotReadyYet } from "../domain/errors.ts";
import type { Begun } from "../domain/records.ts";
import { findAnswer, type HostAnswer, sendCommand } from "../gateways/run-command.ts";
import type { Table } from "../gateways/table/keys.ts";
import { rememberCommand } from "../gateways/table/steps.ts";
import { MOMENT_MS, pollUntil } from "../runtime/poll.ts";

interface Question {
  readonly document: string;
  readonly instanceId: string;
  readonly parameters?: Record<string, string[]>;
  /** When the first answer is looked for. */
  readonly firstLookMs: number;
  /** The host answers by then; later it is asked anew. */
  readonly answersWithinMs: number;
  /** Told that the host has, or had, the command. */
  readonly onSent?: () => void;
}

/** The step that asks, and what it was told of its former runs. */
interface Asking {
  readonly operation: string;
  readonly step: string;
  readonly member: string | null;
  readonly begun: Begun;
}

/**
 * Runs a document that takes its time on a host. A command that has not ended in a moment is remembered, and NotReadyYet is thrown:
 * the step's next run looks at the same command, and no function waits meanwhile.
 */
export const askHost = async (table: Table, asking: Asking, question: Question): Promise<HostAnswer> => {
  const { document, instanceId, firstLookMs } = question;
  const known = asking.begun.command;
  const running =
    known?.instanceId === instanceId && Date.now() - known.sentAt < question.answersWithinMs ? known : undefined;
  const command = running ?? {
    id: await sendCommand(document, instanceId, question.parameters),
    instanceId,
    sentAt: Date.now(),
  };
  question.onSent?.();
  const answer = await pollUntil(() => findAnswer(command.id, instanceId), {
    waitingFor: `${instanceId} has not answered to ${document} yet`,
    ...(running ? { withinMs: 0 } : { afterMs: firstLookMs, withinMs: firstLookMs + MOMENT_MS }),
    firstMs: 250,
  }).catch(async (error: unknown) => {
    if (error instanceof NotReadyYet && !running) await rememberCommand(table, asking, command);
    throw error;
  });
  if (known) await rememberCommand(table, asking, null);
  return answer;
};
