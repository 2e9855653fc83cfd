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

/** A block that is repainted on a terminal; elsewhere a line for each change, to `write`. */
export function progressFor(terminal: Terminal, write: (text: string) => void, now: () => number): Progress {
  return terminal.interactive ? new Repainted(terminal, now) : new ChangeLog(write, now);
}

function UP_AND_CLEAR(lines: number) {
  return lines > 0 ? `\u001b[${lines}A\u001b[J` : "";
}

const MARKS = { DONE: "✓", FAILED: "✗", RUNNING: "•", WAITING: "…" } as const;
const STYLES = { DONE: "green", FAILED: "red", RUNNING: "yellow", WAITING: "dim" } as const;

class Repainted implements Progress {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #height = 0;

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show({ operation, cluster }: Snapshot): void {
    const lines = [
      ...operation.steps.map((step) => this.#line(`${MARKS[step.status]} ${this.#describe(step)}`, step.status)),
      ...(cluster ? this.#summary(cluster) : []),
    ];
    this.#terminal.out(`${UP_AND_CLEAR(this.#height)}${lines.map((line) => `${line}\n`).join("")}`);
    this.#height = lines.length;
  }

  #describe(step: StepView): string {
    const finished = step.finishedAt === null ? this.#now() : Date.parse(step.finishedAt);
    const took = formatDuration(finished - Date.parse(step.startedAt)).padStart(6);
    return `${took}  ${stepName(step)}${step.message ? `: ${step.message}` : ""}`;
  }

  #summary(cluster: ClusterView): string[] {
    const members = cluster.members.map(({ name, zone, health }) => `${name} (${zone}) ${health}`).join(", ");
    return ["", `Members  ${members}`, `Quorum   ${quorumText(cluster)}`, `Nodes    ${nodesText(cluster)}`].map(
      (line) => this.#line(line),
    );
  }

  /** Cut to the terminal's width: a wrapped line would take two rows and spoil the repainting. */
  #line(text: string, status?: StepView["status"]): string {
    const cut = printable(text).slice(0, this.#terminal.columns - 1);
    return status ? this.#terminal.paint(STYLES[status], cut) : cut;
  }
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
    for (const step of operation.steps) this.#say(operation, stepName(step), stepState(step));
    if (!cluster) return;
    for (const { name, health } of cluster.members) this.#say(operation, `member ${name}`, health);
    this.#say(operation, "quorum", quorumText(cluster));
    this.#say(operation, "nodes", nodesText(cluster));
    this.#say(operation, "cluster", cluster.status);
  }

  #say(operation: OperationView, subject: string, state: string): void {
    if (this.#said.get(subject) === state) return;
    this.#said.set(subject, state);
    const since = formatDuration(this.#now() - Date.parse(operation.startedAt));
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
