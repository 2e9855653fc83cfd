/** What a client asked of one register. */
export type RegisterInput =
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly value: string }
  /** Writes `value` if the register holds `expected`. */
  | { readonly kind: "cas"; readonly expected: string | null; readonly value: string };

/** What it was answered. */
export type RegisterOutput =
  | { readonly kind: "read"; readonly value: string | null }
  | { readonly kind: "write" }
  | { readonly kind: "cas"; readonly swapped: boolean };

/** One operation of one client on one register, on one clock for all clients (milliseconds). */
export interface Operation {
  readonly client: number;
  readonly key: string;
  readonly input: RegisterInput;
  readonly invokedAt: number;
  /** Absent when no answer came: it may take effect at any time after its invocation, or never. */
  readonly completed?: { readonly at: number; readonly output: RegisterOutput };
}

/** For people: who did what, when, and what came back. */
export function describeOperation({ client, key, input, invokedAt, completed }: Operation): string {
  const asked =
    input.kind === "read"
      ? "read"
      : input.kind === "write"
        ? `write ${input.value}`
        : `cas ${input.expected} → ${input.value}`;
  const { output } = completed ?? {};
  const answer =
    output === undefined
      ? "no answer"
      : output.kind === "read"
        ? `${output.value}`
        : output.kind === "cas"
          ? output.swapped
            ? "swapped"
            : "refused"
          : "done";
  const span = `${invokedAt.toFixed(1)}–${completed ? completed.at.toFixed(1) : "?"} ms`;
  return `client ${client}, ${key}: ${asked} = ${answer} (${span})`;
}
