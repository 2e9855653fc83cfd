import type { LocalCloud } from "../../local/cloud.ts";
import type { CallContext } from "../../local/wire/contract.ts";

/** A call that a function makes and that changes something: where a crash could leave half of it behind. */
export interface CrashPoint {
  /** The function's name on the local cloud, which is the same for every local cloud. */
  readonly function: string;
  readonly service: string;
  readonly operation: string;
  /** Which of the invocation's calls of this operation it is, from 1. */
  readonly call: number;
  /** Which of the invocations that get so far it is, from 1. */
  readonly nth: number;
}

const READS = /^(?:Describe|Get|List|Query|Scan|BatchGet)/;

/** Writes down the changing calls of functions that work on one subject. */
export class CallRecorder {
  readonly #points: CrashPoint[] = [];
  readonly #callsOf = new Map<string, number>();
  readonly #reached = new Map<string, number>();
  #subjects: readonly string[] | undefined;

  /** From now on, calls of invocations whose payload contains one of these texts. */
  start(subjects: readonly string[]): void {
    this.#subjects = subjects;
  }

  stop(): readonly CrashPoint[] {
    this.#subjects = undefined;
    return this.#points;
  }

  /** Called with every call; ignored while nothing is recorded. */
  note(cloud: LocalCloud | undefined, { principal, service, operation }: CallContext): void {
    const invocation = this.#subjects && cloud?.services.lambda.invocationOf(principal);
    if (!invocation || !this.#subjects?.some((subject) => invocation.payload.includes(subject))) return;
    if (READS.test(operation)) return;
    const call = count(this.#callsOf, `${invocation.requestId} ${operation}`);
    const nth = count(this.#reached, `${invocation.functionName} ${operation} ${call}`);
    this.#points.push({ function: invocation.functionName, service, operation, call, nth });
  }
}

function count(counts: Map<string, number>, key: string): number {
  const now = (counts.get(key) ?? 0) + 1;
  counts.set(key, now);
  return now;
}

/** `Holdfast-preparememberFunction8DCD-ABC ec2:CreateVolume` as a person would name it. */
export function nameOf({ function: name, service, operation, call, nth }: CrashPoint): string {
  const short = /^Holdfast-(\w+)Function/.exec(name)?.[1] ?? name;
  return `${short} ${service}:${operation}#${call} of invocation ${nth}`;
}
