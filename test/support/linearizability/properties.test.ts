import fc from "fast-check";
import { expect, test } from "vitest";
import { checkLinearizable } from "./check.ts";
import { cas, read, write } from "./histories.ts";
import type { Operation } from "./history.ts";
import { applyToRegister, type RegisterState } from "./register.ts";

/**
 * The definition, word for word: some order of the answered operations and of any of the others, true to time and to a
 * register.
 */
function byEnumeration(operations: readonly Operation[], state: RegisterState = null): boolean {
  return (
    operations.every(({ completed }) => completed === undefined) ||
    operations.some((operation) => {
      const others = operations.filter((other) => other !== operation);
      if (others.some(({ completed }) => completed !== undefined && completed.at < operation.invokedAt)) return false;
      const next = applyToRegister(state, operation);
      return next !== undefined && byEnumeration(others, next);
    })
  );
}

const value = fc.constantFrom("a", "b", "c");
const seen = fc.option(value, { nil: null });
/** Whole milliseconds, so that ends that touch are tried; without an end there was no answer. */
const span = fc
  .tuple(fc.nat(8), fc.option(fc.nat(6), { nil: undefined, freq: 4 }))
  .map(([from, length]) => (length === undefined ? ([from] as const) : ([from, from + length] as const)));
const anyOperation = fc.oneof(
  fc.tuple(fc.nat(3), span, value).map((of) => write(...of)),
  fc.tuple(fc.nat(3), span, seen).map((of) => read(...of)),
  fc.tuple(fc.nat(3), span, seen, value, fc.boolean()).map((of) => cas(...of)),
);

test("the checker and the definition agree on every small history", () => {
  const results = { linearizable: 0, violation: 0 };
  const property = fc.property(fc.array(anyOperation, { maxLength: 6 }), (history) => {
    const expected = byEnumeration(history) ? "linearizable" : "violation";
    results[expected]++;
    expect(checkLinearizable(history).kind).toBe(expected);
  });

  fc.assert(property, { numRuns: 5_000 });
  // The property means something only if it saw enough of both.
  expect(Math.min(results.linearizable, results.violation)).toBeGreaterThan(500);
});

/** What a true register answers if each operation takes effect at the moment that was drawn for it. */
function trueHistory(
  drawn: readonly { operation: Operation; before: number; after: number; answered: boolean }[],
): Operation[] {
  let state: RegisterState = null;
  return drawn.map(({ operation, before, after, answered }, moment) => {
    const { client, key, input } = operation;
    const former = state;
    state = applyToRegister(state, { client, key, input, invokedAt: 0 }) ?? null;
    const swapped = input.kind === "cas" && former === input.expected;
    const output =
      input.kind === "read"
        ? ({ kind: "read", value: former } as const)
        : input.kind === "cas"
          ? ({ kind: "cas", swapped } as const)
          : ({ kind: "write" } as const);
    const completed = answered ? { completed: { at: moment + after, output } } : {};
    return { client, key, input, invokedAt: moment - before, ...completed };
  });
}

test("what a true register answered is linearizable, however long and concurrent", () => {
  const drawn = fc.record({
    operation: anyOperation,
    before: fc.nat(5),
    after: fc.nat(5),
    answered: fc.boolean(),
  });
  const property = fc.property(fc.array(drawn, { maxLength: 40 }), (all) => {
    let unanswered = 0;
    const history = trueHistory(all.map((one) => ({ ...one, answered: one.answered || ++unanswered > 6 })));

    expect(checkLinearizable(history)).toEqual({ kind: "linearizable" });
  });

  fc.assert(property, { numRuns: 1_000 });
});
