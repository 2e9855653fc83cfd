import type { Readable } from "node:stream";
import type { Principal } from "../context/credentials.ts";

/**
 * The names of a client package's operations, and the types of their inputs and outputs, all read from the SDK itself:
 * a handler that returns a wrong shape does not compile.
 */
type CommandOf<M, N extends string> = `${N}Command` extends keyof M ? M[`${N}Command`] : never;
type Instance<C> = C extends abstract new (...args: never[]) => infer X ? X : never;
export type OperationName<M> = { [K in keyof M]: K extends `${infer N}Command` ? N : never }[keyof M];
export type InputOf<M, N extends string> = Instance<CommandOf<M, N>> extends { readonly input: infer I } ? I : never;
export type OutputOf<M, N extends string> =
  Instance<CommandOf<M, N>> extends { resolveMiddleware(...args: never[]): infer H }
    ? H extends (...args: never[]) => Promise<{ output: infer O }>
      ? Streamed<Omit<O, "$metadata">>
      : never
    : never;
/** A body that the SDK gives out as a stream with methods of its own is a plain stream to a handler. */
type Streamed<O> = {
  [K in keyof O]: NonNullable<O[K]> extends { transformToByteArray(): unknown } ? Readable | undefined : O[K];
};

/** Who calls what. `principal` decides what is allowed; handlers that do not care ignore it. */
export interface CallContext {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly principal: Principal;
}

/**
 * The operations of one service that the local cloud answers; any other gets the service's own "unknown action" error.
 */
export type Handlers<M> = {
  readonly [N in OperationName<M>]?: (
    input: InputOf<M, N>,
    call: CallContext,
  ) => OutputOf<M, N> | Promise<OutputOf<M, N>>;
};

/**
 * Stands around a call of an operation: may let it pass (`next`), refuse it, or lose its answer by a `ConnectionLost`.
 */
export type CallInterceptor = (call: CallContext, input: unknown, next: () => Promise<unknown>) => Promise<unknown>;

/** The connection breaks instead of an answer: the caller cannot know whether the call took effect. */
export class ConnectionLost extends Error {}

/** An error as the service would send it: `code` is the modelled exception's name, or EC2's free-form code. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: { status?: number; fields?: Record<string, unknown> } = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.fields = options.fields ?? {};
  }
}
