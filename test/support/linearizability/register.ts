import type { Operation } from "./history.ts";

/** What a register holds; null before the first write. */
export type RegisterState = string | null;

/**
 * The register after the operation took effect on `state`; undefined if no register could have given that answer. An
 * operation without an answer is possible in every state: a compare-and-swap that meets another value changes nothing.
 */
export function applyToRegister(state: RegisterState, { input, completed }: Operation): RegisterState | undefined {
  const output = completed?.output;
  switch (input.kind) {
    case "read":
      return output?.kind !== "read" || output.value === state ? state : undefined;
    case "write":
      return input.value;
    case "cas": {
      const swaps = state === input.expected;
      if (output?.kind === "cas" && output.swapped !== swaps) return undefined;
      return swaps ? input.value : state;
    }
  }
}
