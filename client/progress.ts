import type { ClusterView, OperationView, StepView } from "../functions/domain/api/views.ts";
import { nodesText, quorumText } from "./cluster-text.ts";
import { formatDuration } from "./durations.ts";
import { printable, type Terminal } from "./terminal.ts";

/** What is known of an operation at one moment. The cluster may not be readable yet. */
export interface Snapshot {
  readonly operation: OperationView;
  readonly cluster: ClusterView | null;
}

export interface Progress {
  show(snapshot: Snapshot): void;
}

/** On a terminal a few lines that are repainted; elsewhere a line for each change, to `write`. */
export function progressFor(terminal: Terminal, write: (text: string) => void, now: () => number): Progress {
  return terminal.interactive ? new Repainted(terminal, now) : new ChangeLog(write, now);
}

const MARKS = { DONE: "✓", FAILED: "✗", RUNNING: "•", WAITING: "…" } as const;
const STYLES = { DONE: "green", FAILED: "red", RUNNING: "yellow", WAITING: "dim" } as const;
const DEFAULT_ROWS = 24;
/** Below the phases: an empty line, members, quorum, nodes. */
const SUMMARY_ROWS = 4;

/** The same step of each member. */
interface Phase {
  readonly name: string;
  readonly steps: readonly StepView[];
}

/**
 * A line a phase. One that has ended is written once and stays; only those that run are repainted, and they never take
 * more rows than the terminal has. So the scrollback holds each phase once, and no frame twice.
 */
class Repainted implements Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #written = new Set<string>();
  #painted: readonly string[] = [];

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show({ operation, cluster }: Snapshot): void {
    const phases = phasesOf(operation).map((phase) => ({ ...phase, steps: phase.steps.filter(this.#isNew) }));
    const left = phases.filter(({ steps }) => steps.length > 0);
    const ended = left.filter((phase) => hasEnded(phase, operation));
    for (const step of ended.flatMap(({ steps }) => steps)) this.#written.add(keyOf(step));
    const open = operation.status === "RUNNING" ? left.filter((phase) => !ended.includes(phase)) : [];
    const lines = ended.map((phase) => this.#paint(phase, this.#describe(phase)));
    const live = operation.status === "RUNNING" ? this.#live(open, cluster) : [];
    this.#terminal.out(`${this.#erase()}${[...lines, ...live].map((line) => `${line}\n`).join("")}`);
    this.#painted = live;
  }

  readonly #isNew = (step: StepView): boolean => !this.#written.has(keyOf(step));

  /** Up to where the repainted lines begin; a terminal that has become narrower has wrapped them. */
  #erase(): string {
    const rows = this.#painted.reduce((sum, line) => sum + Math.ceil((line.length || 1) / this.#terminal.columns), 0);
    return rows > 0 ? `\u001b[${rows}A\u001b[J` : "";
  }

  #live(open: readonly Phase[], cluster: ClusterView | null): string[] {
    const room = Math.max(1, (this.#terminal.rows ?? DEFAULT_ROWS) - SUMMARY_ROWS - 2);
    const shown = open.slice(0, room);
    const more = open.length > room ? [`  … and ${open.length - room} more`] : [];
    return [
      ...shown.map((phase) => this.#paint(phase, this.#cut(this.#describe(phase)))),
      ...more,
      ...(cluster ? ["", ...summary(cluster).map((line) => this.#cut(line))] : []),
    ];
  }

  #describe({ name, steps }: Phase): string {
    const from = Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt)));
    const until = Math.max(
      ...steps.map(({ finishedAt }) => (finishedAt === null ? this.#now() : Date.parse(finishedAt))),
    );
    const running = steps.filter(({ finishedAt }) => finishedAt === null);
    const members = (running.length > 0 ? running : steps).flatMap(({ member }) => member ?? []).toSorted();
    const message = steps.find((step) => step.finishedAt === null && step.message !== null)?.message;
    const failure = steps.find(({ status }) => status === "FAILED")?.message;
    const said = failure ?? message;
    const whose = members.length > 0 ? ` (${members.join(", ")})` : "";
    const took = formatDuration(until - from).padStart(6);
    return printable(`${MARKS[statusOf(steps)]} ${took}  ${name}${whose}${said ? `: ${said}` : ""}`);
  }

  /** A wrapped line would take two rows and spoil the repainting. */
  #cut(line: string): string {
    return line.slice(0, this.#terminal.columns - 1);
  }

  #paint({ steps }: Phase, line: string): string {
    return this.#terminal.paint(STYLES[statusOf(steps)], line);
  }
}

/** In the order in which they began. */
function phasesOf({ steps }: OperationView): Phase[] {
  return [...Map.groupBy(steps, ({ name }) => name)].map(([name, all]) => ({ name, steps: all }));
}

/** With all members that take part, since each comes to a step at a time of its own. */
function hasEnded({ steps }: Phase, operation: OperationView): boolean {
  if (operation.status !== "RUNNING") return true;
  if (steps.some(({ finishedAt }) => finishedAt === null)) return false;
  const members = new Set(operation.steps.flatMap(({ member }) => member ?? []));
  return steps.every(({ member }) => member === null) || steps.length >= members.size;
}

function statusOf(steps: readonly StepView[]): StepView["status"] {
  const statuses = steps.map(({ status }) => status);
  return (["FAILED", "RUNNING", "WAITING"] as const).find((status) => statuses.includes(status)) ?? "DONE";
}

/** A step that is repeated is another one. */
function keyOf({ name, member, finishedAt }: StepView): string {
  return `${name}\n${member}\n${finishedAt}`;
}

function summary(cluster: ClusterView): string[] {
  const members = cluster.members.map(({ name, health }) => `${name} ${health}`).join(", ");
  return [`Members  ${members}`, `Quorum   ${quorumText(cluster)}`, `Nodes    ${nodesText(cluster)}`].map(printable);
}

class ChangeLog implements Progress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #said = new Map<string, string>();

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  show({ operation, cluster }: Snapshot): void {
    for (const step of operation.steps) this.#say(operation, stepName(step), stepState(step), step.finishedAt);
    if (!cluster) return;
    for (const { name, health } of cluster.members) this.#say(operation, `member ${name}`, health);
    this.#say(operation, "quorum", quorumText(cluster));
    this.#say(operation, "nodes", nodesText(cluster));
    this.#say(operation, "cluster", cluster.status);
  }

  /** `at`: when it came to be so, if that is known; else it is so now, or was at the operation's end. */
  #say(operation: OperationView, subject: string, state: string, at = operation.finishedAt): void {
    if (this.#said.get(subject) === state) return;
    this.#said.set(subject, state);
    const since = formatDuration((at === null ? this.#now() : Date.parse(at)) - Date.parse(operation.startedAt));
    this.#write(`${since.padStart(6)}  ${printable(`${subject}: ${state}`)}\n`);
  }
}

function stepName({ name, member }: StepView): string {
  return member === null ? name : `${name} (${member})`;
}

function stepState({ status, message, startedAt, finishedAt }: StepView): string {
  const took = finishedAt === null ? "" : ` (${formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))})`;
  return `${status.toLowerCase()}${took}${message ? `, ${message}` : ""}`;
}
