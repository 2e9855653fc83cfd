/**
 * What a host's init and the host runtime that runs the host send each other over `agentSocket`, one JSON value a line.
 * The checks are written by hand because init must start within milliseconds and so loads no library.
 */

/** Where init finds the host runtime; a pathname socket, because those cross network namespaces. */
export const agentSocket = "/run/host-agent.sock";

/** What the host runtime sends. */
export type RuntimeMessage =
  | { readonly kind: "boot"; readonly instanceId: string; readonly userData: string }
  | { readonly kind: "run"; readonly id: number; readonly script: string; readonly timeoutMs: number }
  | { readonly kind: "shutdown" };

/** What init sends. `booted` means that its services and its command agent answer; user data may still be running. */
export type InitMessage =
  | { readonly kind: "booted" }
  | { readonly kind: "result"; readonly id: number; readonly result: ScriptResult };

export interface ScriptResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

/** Throws a `TypeError` for anything that is not a message of the host runtime. */
export function parseRuntimeMessage(value: unknown): RuntimeMessage {
  const message = record(value);
  switch (message["kind"]) {
    case "boot":
      return { kind: "boot", instanceId: text(message["instanceId"]), userData: text(message["userData"]) };
    case "run":
      return {
        kind: "run",
        id: number(message["id"]),
        script: text(message["script"]),
        timeoutMs: number(message["timeoutMs"]),
      };
    case "shutdown":
      return { kind: "shutdown" };
    default:
      throw new TypeError(`unknown message from the host runtime: ${JSON.stringify(value)}`);
  }
}

/** Throws a `TypeError` for anything that is not a message of init. */
export function parseInitMessage(value: unknown): InitMessage {
  const message = record(value);
  switch (message["kind"]) {
    case "booted":
      return { kind: "booted" };
    case "result":
      return { kind: "result", id: number(message["id"]), result: scriptResult(record(message["result"])) };
    default:
      throw new TypeError(`unknown message from init: ${JSON.stringify(value)}`);
  }
}

function scriptResult(value: Record<string, unknown>): ScriptResult {
  return {
    exitCode: number(value["exitCode"]),
    stdout: text(value["stdout"]),
    stderr: text(value["stderr"]),
    timedOut: value["timedOut"] === true,
  };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) throw new TypeError(`expected an object, got ${typeof value}`);
  return { ...value };
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`expected a string, got ${typeof value}`);
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`expected a number, got ${typeof value}`);
  return value;
}
