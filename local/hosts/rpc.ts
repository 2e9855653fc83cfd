import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { readJsonLines, writeJsonLine } from "../image/base/json-lines.ts";

/** The calls that one side answers: a schema for what is asked, a schema for the answer. */
export type Methods<M> = { readonly [N in keyof M]: { readonly params: z.ZodType; readonly result: z.ZodType } };
type Params<M extends Methods<M>, N extends keyof M> = z.output<M[N]["params"]>;
type Result<M extends Methods<M>, N extends keyof M> = z.output<M[N]["result"]>;
export type MethodHandlers<M extends Methods<M>> = {
  readonly [N in keyof M]: (params: Params<M, N>) => Promise<Result<M, N>>;
};

const envelope = z.union([
  z.object({ id: z.number(), method: z.string(), params: z.unknown().optional() }),
  z.object({ id: z.number(), result: z.unknown().optional(), error: z.string().optional() }),
]);

interface Waiting {
  readonly settle: (outcome: { result?: unknown; error?: string | undefined }) => void;
  readonly timer: NodeJS.Timeout;
}

/** One end of a two-way line of calls, as JSON lines. Both ends check what they are sent. */
export class Peer<Remote extends Methods<Remote>, Local extends Methods<Local>> {
  readonly #output: Writable;
  readonly #remote: Remote;
  readonly #local: Local;
  readonly #handlers: MethodHandlers<Local>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closed = false;

  constructor(
    ends: { input: Readable; output: Writable },
    remote: Remote,
    local: Local,
    handlers: MethodHandlers<Local>,
  ) {
    this.#output = ends.output;
    this.#remote = remote;
    this.#local = local;
    this.#handlers = handlers;
    readJsonLines(ends.input, (value) => this.#receive(value));
    ends.input.on("close", () => this.close());
    ends.input.on("error", () => this.close());
    ends.output.on("error", () => this.close());
  }

  /** Asks the other side. Rejects with its error's message, after `timeoutMs`, or when the line is closed. */
  call<N extends keyof Remote & string>(
    name: N,
    params: Params<Remote, N>,
    timeoutMs = 30_000,
  ): Promise<Result<Remote, N>> {
    const schema: Remote[N]["result"] = this.#remote[name].result;
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new Error(`${name}: the other side is gone`));
      const id = this.#nextId++;
      const timer = setTimeout(() => settle({ error: `no answer within ${timeoutMs} ms` }), timeoutMs);
      const settle: Waiting["settle"] = ({ result, error }) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        if (error !== undefined) return reject(new Error(`${name}: ${error}`));
        try {
          resolve(parse(schema, result));
        } catch (mismatch) {
          reject(mismatch);
        }
      };
      this.#waiting.set(id, { settle, timer });
      writeJsonLine(this.#output, { id, method: name, params });
    });
  }

  /** Ends all calls that still wait. */
  close(): void {
    this.#closed = true;
    for (const { settle } of [...this.#waiting.values()]) settle({ error: "the other side is gone" });
  }

  #receive(value: unknown): void {
    const message = envelope.parse(value);
    if ("method" in message) void this.#answer(message.id, message.method, message.params);
    else this.#waiting.get(message.id)?.settle({ result: message.result, error: message.error });
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    try {
      if (!this.#serves(method)) throw new Error("unknown method");
      const result = await this.#handlers[method](
        parse<Local[typeof method]["params"]>(this.#local[method].params, params),
      );
      writeJsonLine(this.#output, { id, result });
    } catch (error) {
      writeJsonLine(this.#output, { id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  #serves(method: string): method is keyof Local & string {
    return Object.hasOwn(this.#local, method);
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  return schema.parse(value);
}
