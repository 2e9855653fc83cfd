/**
 * One execution environment, run as a worker thread: loads the bundle once, then serves one invocation at a time.
 * It has its own `process.env` and its own modules, as a Lambda environment does.
 */
import { existsSync } from "node:fs";
import inspector from "node:inspector";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { FunctionFailure, InvocationMessage, WorkerData, WorkerMessage } from "./messages.ts";

type Handler = (event: unknown, context: unknown) => unknown;

const settings: WorkerData = workerData;
function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

function toFailure(error: unknown): FunctionFailure {
  if (error instanceof Error)
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") };
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function initFailure(errorType: string, errorMessage: string): Error {
  const error = new Error(errorMessage);
  error.name = errorType;
  return error;
}

/** Resolves `index.handler` as the Node.js runtime does: the last part is the export, the rest is the file. */
async function loadHandler(): Promise<Handler> {
  const dot = settings.handler.lastIndexOf(".");
  const base = join(settings.directory, settings.handler.slice(0, dot));
  const file = [".js", ".mjs", ".cjs"].map((extension) => base + extension).find((candidate) => existsSync(candidate));
  if (!file) throw initFailure("Runtime.ImportModuleError", `Error: Cannot find module '${settings.handler}'`);
  const loaded = await import(pathToFileURL(file).href);
  const name = settings.handler.slice(dot + 1);
  const handler: unknown = loaded[name] ?? loaded.default?.[name];
  if (typeof handler === "function") return async (event, context) => handler(event, context);
  throw initFailure("Runtime.HandlerNotFound", `${settings.handler} is undefined or not exported`);
}

function contextOf(invocation: InvocationMessage): Record<string, unknown> {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMegabytes),
    awsRequestId: invocation.requestId,
    logGroupName: settings.logGroup,
    logStreamName: settings.logStream,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadline - Date.now()),
  };
}

let waitsForDebugger = false;

/** A second environment of the function finds the port taken, and runs without a debugger. */
function openInspector(port: number): void {
  try {
    inspector.open(port, "127.0.0.1");
    waitsForDebugger = true;
  } catch (error) {
    console.error(`no debugger can attach to ${settings.functionName}:`, error);
  }
}

async function serve(handler: Handler, invocation: InvocationMessage): Promise<void> {
  const { requestId } = invocation;
  process.env["_X_AMZN_TRACE_ID"] =
    `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll("-", "").slice(8)};Sampled=0`;
  if (waitsForDebugger) inspector.waitForDebugger();
  waitsForDebugger = false;
  try {
    const result = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    send({ kind: "answered", requestId, payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    send({ kind: "failed", requestId, failure: toFailure(error) });
  }
}

/** So that the thread is not ended meanwhile (sandbox.ts). */
function countKeysBeingMade(): void {
  const count = new Int32Array(settings.makingKeys);
  const { subtle } = globalThis.crypto;
  const { generateKey } = subtle;
  const counted = async (...given: unknown[]): Promise<unknown> => {
    Atomics.add(count, 0, 1);
    if (Atomics.load(count, 1) === 1) {
      Atomics.sub(count, 0, 1);
      return await new Promise(() => {});
    }
    try {
      return await Reflect.apply(generateKey, subtle, given);
    } finally {
      Atomics.sub(count, 0, 1);
    }
  };
  Object.assign(subtle, { generateKey: counted });
}

countKeysBeingMade();
if (settings.inspectPort !== undefined) openInspector(settings.inspectPort);
if (settings.compileCache) enableCompileCache(settings.compileCache);
try {
  const handler = await loadHandler();
  parentPort?.on("message", (invocation: InvocationMessage) => void serve(handler, invocation));
  send({ kind: "ready" });
} catch (error) {
  send({ kind: "init-failed", failure: toFailure(error) });
}
