import type { Operation, RegisterInput, RegisterOutput } from "./history.ts";

type Span = readonly [from: number, to: number] | readonly [from: number];

function operation(client: number, [from, to]: Span, input: RegisterInput, output: RegisterOutput): Operation {
  return {
    client,
    key: "x",
    input,
    invokedAt: from,
    ...(to === undefined ? {} : { completed: { at: to, output } }),
  };
}

/** Short ways to write a history of register x down; a span without an end had no answer. */
export function write(client: number, span: Span, value: string): Operation {
  return operation(client, span, { kind: "write", value }, { kind: "write" });
}

export function read(client: number, span: Span, value: string | null): Operation {
  return operation(client, span, { kind: "read" }, { kind: "read", value });
}

export function cas(client: number, span: Span, expected: string | null, value: string, swapped = true): Operation {
  return operation(client, span, { kind: "cas", expected, value }, { kind: "cas", swapped });
}
