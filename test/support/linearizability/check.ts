import { describeOperation, type Operation } from "./history.ts";
import { applyToRegister, type RegisterState } from "./register.ts";

export type LinearizabilityResult =
  | { readonly kind: "linearizable" }
  | {
      readonly kind: "violation";
      readonly key: string;
      /** The longest order that was found, and after it the operations of which none could come next. */
      readonly explanation: string;
    }
  /** The search was given up: the history of this key is too long or too concurrent to say. */
  | { readonly kind: "unknown"; readonly key: string; readonly explored: number };

/** The beginning of an order of the history that some register could have seen. */
interface Prefix {
  /** All operations before this index have taken effect … */
  readonly first: number;
  /** … and these beyond it, ascending. */
  readonly ahead: readonly number[];
  readonly state: RegisterState;
  readonly remaining: number;
  readonly last?: { readonly index: number; readonly before: Prefix };
}

/** A key's history that needs more steps than this was made too long; rotate keys sooner. */
const STEPS = 2_000_000;

/**
 * Is there one order of all operations, each at some moment between its invocation and its answer, that a single set of
 * registers could have seen? Registers are independent, so each key is searched alone (Herlihy and Wing's locality;
 * Horn and Kroening, "Faster linearizability checking via P-compositionality"): depth first, remembering which
 * operations had taken effect with which value, so that no such configuration is entered twice (Wing and Gong, with
 * Lowe's memo).
 */
export function checkLinearizable(history: readonly Operation[], steps = STEPS): LinearizabilityResult {
  for (const [key, operations] of Map.groupBy(history, ({ key }) => key)) {
    const result = checkRegister(key, operations, steps);
    if (result.kind !== "linearizable") return result;
  }
  return { kind: "linearizable" };
}

function checkRegister(key: string, history: readonly Operation[], steps: number): LinearizabilityResult {
  // A read without an answer says nothing.
  const operations = history
    .filter(({ input, completed }) => completed !== undefined || input.kind !== "read")
    .toSorted((one, other) => one.invokedAt - other.invokedAt);
  const start: Prefix = { first: 0, ahead: [], state: null, remaining: operations.filter(isCompleted).length };
  const seen = new Set<string>();
  const stack = [start];
  let maxLength = start;
  for (let partial = stack.pop(); partial !== undefined; partial = stack.pop()) {
    if (partial.remaining === 0) return { kind: "linearizable" };
    if (seen.size > steps) return { kind: "unknown", key, explored: seen.size };
    if (partial.remaining < maxLength.remaining) maxLength = partial;
    for (const index of candidates(operations, partial)) {
      const next = extend(operations, partial, index);
      if (next === undefined) continue;
      const configuration = `${next.first} ${next.ahead.join(",")} ${next.state}`;
      if (seen.has(configuration)) continue;
      seen.add(configuration);
      stack.push(next);
    }
  }
  return { kind: "violation", key, explanation: explain(operations, maxLength) };
}

function isCompleted({ completed }: Operation): boolean {
  return completed !== undefined;
}

/**
 * What may take effect next: all that had been invoked when the first of those that are left was answered. The one that
 * was answered first is last in the list, so that it is tried first; those without an answer are tried last.
 */
function candidates(operations: readonly Operation[], { first, ahead }: Prefix): number[] {
  const left: { readonly index: number; readonly invokedAt: number; readonly answeredAt: number }[] = [];
  let firstAnswer = Number.POSITIVE_INFINITY;
  for (const [offset, operation] of operations.slice(first).entries()) {
    if (operation.invokedAt > firstAnswer) break;
    const index = first + offset;
    if (ahead.includes(index)) continue;
    const answered = operation.completed?.at ?? Number.POSITIVE_INFINITY;
    left.push({ index, invokedAt: operation.invokedAt, answeredAt: answered });
    firstAnswer = Math.min(firstAnswer, answered);
  }
  return left
    .filter(({ invokedAt }) => invokedAt <= firstAnswer)
    .toSorted((one, other) => (one.answeredAt === other.answeredAt ? 0 : other.answeredAt - one.answeredAt))
    .map(({ index }) => index);
}

function extend(operations: readonly Operation[], before: Prefix, index: number): Prefix | undefined {
  const operation = operations[index];
  const state = operation && applyToRegister(before.state, operation);
  if (operation === undefined || state === undefined) return undefined;
  const ahead = [...before.ahead, index].toSorted((one, other) => one - other);
  let { first } = before;
  while (ahead[0] === first) {
    ahead.shift();
    first++;
  }
  const remaining = before.remaining - (isCompleted(operation) ? 1 : 0);
  return { first, ahead, state, remaining, last: { index, before } };
}

function explain(operations: readonly Operation[], maxLength: Prefix): string {
  const order: number[] = [];
  for (let at = maxLength.last; at !== undefined; at = at.before.last) order.unshift(at.index);
  const text = (index: number): string => {
    const operation = operations[index];
    return operation === undefined ? "" : `  ${describeOperation(operation)}`;
  };
  return [
    `${order.length} of ${operations.length} operations have an order; its end:`,
    ...order.slice(-5).map(text),
    `then the register holds ${maxLength.state}, and none of these can come next:`,
    ...candidates(operations, maxLength).map(text),
  ].join("\n");
}
