import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { transformSync } from "esbuild";
import type { InvocationResult } from "./contract.ts";
import type { FunctionFailure, WorkerData, WorkerMessage, WorkerSettings } from "./messages.ts";

export interface SandboxOptions {
  readonly settings: WorkerSettings;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (text: string, requestId: string | undefined) => void;
  /** The shortest time that an environment takes to be ready, in milliseconds. */
  readonly coldStartMs?: number;
  /** The handler begins. */
  readonly onStart?: (requestId: string) => void;
  /** An invocation has ended after so many milliseconds of its handler; `failure` is what Invoke answers then. */
  readonly onEnd?: (requestId: string, durationMs: number, failure: string | undefined) => void;
}

let program: URL | undefined;

/**
 * The thread's program without its types: else each thread would load a TypeScript compiler of its own before it
 * starts.
 */
function workerProgram(): URL {
  if (program) return program;
  const source = readFileSync(new URL("./worker.ts", import.meta.url), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "esm", target: "node24" });
  program = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  return program;
}

/** Below this a V8 isolate with an AWS SDK client in it dies of garbage collection instead of doing its work. */
const SMALLEST_HEAP_MEGABYTES = 128;
/**
 * Lambda ends an initialisation after 10 seconds and begins it again as part of the invocation, which has the
 * function's own time for it: an environment that starts slowly is late, and no error. Here it simply continues for so
 * long.
 */
const INIT_TIMEOUT_MS = 40_000;
/** A key pair of P-256 is made in a millisecond, of RSA in some hundred. */
const MAX_KEY_MS = 2_000;
/** Time of an invocation that a person debugs: no time-out ends it. */
const DEBUG_SECONDS = 86_400;
const MAX_ANSWER_BYTES = 6_291_556;

/**
 * One execution environment of a function: a worker thread with an environment of its own. Serves one invocation at a
 * time. After a time-out or a crash it is `dead` and must be replaced. Time here is real time, because the code that
 * runs in the thread is real.
 */
export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #worker: Worker;
  readonly #inspected: boolean;
  readonly #makingKeys = new Int32Array(new SharedArrayBuffer(8));
  readonly #ready: Promise<FunctionFailure | undefined>;
  #requestId: string | undefined;
  #payload = "";
  #settle: ((outcome: FunctionFailure | string) => void) | undefined;
  #dead = false;

  constructor(options: SandboxOptions) {
    const { settings } = options;
    this.#options = options;
    this.#inspected = settings.inspectPort !== undefined;
    const workerData: WorkerData = { ...settings, makingKeys: this.#makingKeys.buffer };
    this.#worker = new Worker(workerProgram(), {
      workerData,
      env: { ...options.environment },
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: Math.max(SMALLEST_HEAP_MEGABYTES, settings.memoryMegabytes) },
    });
    this.#worker.unref();
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      createInterface({ input: stream }).on("line", (text) => options.onLine(text, this.#requestId));
    const loaded = this.#listen();
    const { coldStartMs = 0 } = options;
    this.#ready = coldStartMs > 0 ? Promise.all([loaded, delay(coldStartMs)]).then(([failure]) => failure) : loaded;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when the bundle is loaded; with the reason when it cannot be. */
  get ready(): Promise<FunctionFailure | undefined> {
    return this.#ready;
  }

  /** The invocation that it serves now. */
  get invocation(): { readonly requestId: string; readonly payload: string } | undefined {
    return this.#requestId === undefined ? undefined : { requestId: this.#requestId, payload: this.#payload };
  }

  /** Runs the handler once. Never rejects: whatever goes wrong is a function error, as Lambda reports it. */
  async invoke(
    requestId: string,
    payload: string,
    { timeoutSeconds, onStart }: { readonly timeoutSeconds: number; readonly onStart?: (() => void) | undefined },
  ): Promise<InvocationResult> {
    const broken = await this.#ready;
    onStart?.();
    this.#options.onStart?.(requestId);
    const begun = performance.now();
    const result = broken ? failed(requestId, broken) : await this.#serve(requestId, payload, timeoutSeconds);
    const failure = result.functionError && result.payload;
    this.#options.onEnd?.(requestId, performance.now() - begun, failure);
    return result;
  }

  async #serve(requestId: string, payload: string, timeoutSeconds: number): Promise<InvocationResult> {
    this.#requestId = requestId;
    this.#payload = payload;
    const outcome = await this.#run(requestId, payload, (this.#inspected ? DEBUG_SECONDS : timeoutSeconds) * 1000);
    this.#requestId = undefined;
    if (typeof outcome !== "string") return failed(requestId, outcome);
    if (Buffer.byteLength(outcome) > MAX_ANSWER_BYTES)
      return failed(requestId, {
        errorType: "Function.ResponseSizeTooLarge",
        errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_ANSWER_BYTES} bytes).`,
      });
    return { requestId, payload: outcome };
  }

  async terminate(): Promise<void> {
    this.#dead = true;
    // Node 24 ends the whole process if a thread is ended while it makes a key pair (an assertion in crypto_keygen).
    Atomics.store(this.#makingKeys, 1, 1);
    for (let waited = 0; Atomics.load(this.#makingKeys, 0) > 0 && waited < MAX_KEY_MS; waited++) await delay(1);
    await this.#worker.terminate();
  }

  #run(requestId: string, payload: string, timeoutMs: number): Promise<FunctionFailure | string> {
    if (this.#dead) return Promise.resolve(exited(requestId, "exit status 1"));
    const { promise, resolve } = Promise.withResolvers<FunctionFailure | string>();
    const timer = setTimeout(() => {
      resolve(timedOut(requestId, timeoutMs));
      void this.terminate();
    }, timeoutMs);
    this.#settle = resolve;
    // A thread that is at work keeps the process alive; one that rests does not.
    this.#worker.ref();
    this.#worker.postMessage({ requestId, payload, deadline: Date.now() + timeoutMs });
    return promise.finally(() => {
      clearTimeout(timer);
      this.#settle = undefined;
      this.#worker.unref();
    });
  }

  /** Wires the thread's messages; resolves with the reason when the function cannot even start. */
  #listen(): Promise<FunctionFailure | undefined> {
    const { promise, resolve } = Promise.withResolvers<FunctionFailure | undefined>();
    const timer = setTimeout(() => {
      resolve({
        errorType: "Sandbox.Timedout",
        errorMessage: `INIT_REPORT Init Duration: ${INIT_TIMEOUT_MS}.00 ms Phase: init Status: timeout`,
      });
      void this.terminate();
    }, INIT_TIMEOUT_MS);
    timer.unref();
    void promise.then(() => clearTimeout(timer));
    this.#worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") resolve(undefined);
      else if (message.kind === "init-failed") {
        resolve(message.failure);
        void this.terminate();
      } else if (message.requestId === this.#requestId)
        this.#settle?.(message.kind === "answered" ? message.payload : message.failure);
    });
    const end = (how: string): void => {
      this.#dead = true;
      const failure = exited(this.#requestId ?? "init", how);
      this.#settle?.(failure);
      resolve(failure);
    };
    this.#worker.on("error", (error) => end(isOutOfMemory(error) ? "signal: killed" : "exit status 129"));
    this.#worker.on("exit", (code) => end(`exit status ${code}`));
    return promise;
  }
}

/** Lambda's answer for an environment that ended under an invocation. */
export function exited(requestId: string, how: string): FunctionFailure {
  return {
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
  };
}

/** Lambda's answer for an invocation that took too long. */
export function timedOut(requestId: string, timeoutMs: number): FunctionFailure {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return {
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
  };
}

/** A function error in the form that Invoke answers. */
export function failed(requestId: string, failure: FunctionFailure): InvocationResult {
  return { requestId, payload: JSON.stringify(failure), functionError: "Unhandled" };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
}
