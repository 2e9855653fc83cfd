import { createHash } from "node:crypto";
import { ssm } from "../../aws/ssm/client.ts";
import { findAnswer, type HostAnswer, sendCommand } from "../../aws/ssm/run-command.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun, SentCommand } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MOMENT_MS, pollUntil } from "../../runtime/poll.ts";

export const hostCommandCalls = { ...bind(ssm, { sendCommand, findAnswer }) };

type Collaborators = Deps<typeof hostCommandCalls>;

interface Question {
  readonly document: string;
  readonly instanceId: string;
  readonly parameters?: Record<string, string[]>;
  /** When the first answer is looked for. */
  readonly firstLookMs: number;
  /** The host answers by then; later it is asked again. */
  readonly answersWithinMs: number;
  /** Called once the host has, or had, the command. */
  readonly onSent?: () => void;
}

/** The step that asks, and the commands of its former runs. */
export interface Asking {
  readonly operation: string;
  readonly step: string;
  readonly member: string | null;
  readonly begun: Begun;
}

/**
 * Runs a document that takes its time on a host. A command that has not ended in a moment is remembered, and
 * NotReadyYet is thrown: the step's next run looks at the same command, and no function waits meanwhile.
 */
export async function askHost(deps: Collaborators, asking: Asking, question: Question): Promise<HostAnswer> {
  const { document, instanceId, firstLookMs } = question;
  const known = asking.begun.command;
  const parameters = digestOf(question.parameters);
  const isSame = known?.document === document && known.parameters === parameters && known.instanceId === instanceId;
  const running = isSame && isYoung(deps, known, question.answersWithinMs) ? known : undefined;
  const command = running ?? {
    id: await deps.aws.sendCommand(document, instanceId, question.parameters),
    document,
    parameters,
    instanceId,
    sentAt: deps.clock.now().getTime(),
  };
  question.onSent?.();
  const answer = await pollUntil(deps.clock, () => deps.aws.findAnswer(command.id, instanceId), {
    waitingFor: `${instanceId} has not answered to ${document} yet`,
    ...(running ? { withinMs: 0 } : { afterMs: firstLookMs, withinMs: firstLookMs + MOMENT_MS }),
    firstMs: 250,
  }).catch(async (error: unknown) => {
    if (error instanceof NotReadyYet && !running) await deps.store.rememberCommand(asking, command);
    throw error;
  });
  if (known) await deps.store.rememberCommand(asking, null);
  return answer;
}

function digestOf(parameters: Question["parameters"] = {}): string {
  return createHash("sha256").update(JSON.stringify(parameters)).digest("hex").slice(0, 16);
}

function isYoung(deps: Collaborators, { sentAt }: SentCommand, answersWithinMs: number): boolean {
  return deps.clock.now().getTime() - sentAt < answersWithinMs;
}

/** Runs a short document on one host and answers with its output. Throws NotReadyYet with what it said if it failed. */
export async function runDocument(
  deps: Collaborators,
  asking: Asking,
  instanceId: string,
  document: string,
  parameters: Record<string, string> = {},
): Promise<string> {
  const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
  const pace = { firstLookMs: FIRST_LOOK_MS, answersWithinMs: SHORT_COMMAND_MS };
  const answer = await askHost(deps, asking, { document, instanceId, parameters: lists, ...pace });
  if (answer.ok) return answer.output;
  throw new NotReadyYet(`${document} on ${instanceId}: ${answer.status} ${answer.output}`.trimEnd());
}

/** Few answers come sooner; before that, SSM may not even know the invocation (docs/references/aws.md#ssm). */
const FIRST_LOOK_MS = 500;
/** The longest of them asks etcd three times, for five seconds each. */
export const SHORT_COMMAND_MS = 20_000;

/** Runs a document on a healthy master: see `chooseMaster`. */
export async function askMaster(
  deps: Collaborators,
  asking: Asking,
  cluster: string,
  question: Omit<Question, "instanceId">,
): Promise<HostAnswer> {
  const instanceId = await chooseMaster(deps, cluster, asking.begun, question.answersWithinMs);
  return await askHost(deps, asking, { ...question, instanceId });
}

/**
 * The healthy master to ask: the one that has the step's command already; else the first by name, and in later runs
 * any, since a host may hang, or fail for a reason of its own. One that let its time pass is asked last.
 */
export async function chooseMaster(
  deps: Collaborators,
  cluster: string,
  { first, command }: Pick<Begun, "first" | "command">,
  answersWithinMs: number,
  except?: string,
): Promise<string> {
  const healthy = (await deps.store.listMembers(cluster)).filter(
    ({ health, member }) => health === "healthy" && member !== except,
  );
  const masters = healthy.flatMap(({ instanceId }) => instanceId ?? []);
  const asked = command && masters.includes(command.instanceId) ? command : undefined;
  if (asked && isYoung(deps, asked, answersWithinMs)) return asked.instanceId;
  const others = masters.filter((master) => master !== asked?.instanceId);
  const free = others.length > 0 ? others : masters;
  const master = free[first ? 0 : Math.floor(Math.random() * free.length)];
  if (master === undefined) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  return master;
}
