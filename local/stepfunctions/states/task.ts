import type { TaskState } from "../definition.ts";
import { requireWithinDataLimit, StatesError, toStatesError } from "../errors.ts";
import type { Json } from "../json.ts";
import { parseResource, type TaskResource } from "../resource.ts";
import { schedule } from "../sleep.ts";
import type { WaitingTask } from "../task-tokens.ts";
import { evaluateField, evaluateInteger, type Outcome, type Visit } from "../visit.ts";
import { type TaskLimits, taskEvents } from "./task-events.ts";

/** One attempt of a Task: calls the resource and waits for what its pattern waits for, within its time limits. */
export async function runTask(state: TaskState, visit: Visit): Promise<Outcome> {
  const resource = parseResource(state.Resource);
  if (resource === undefined) throw new StatesError("States.Runtime", `Unsupported resource ${state.Resource}`);
  const waiting = waitsForToken(resource) ? visit.engine.tokens.issue() : undefined;
  try {
    if (waiting !== undefined) visit.context["Task"] = { Token: waiting.token };
    const input =
      state.Arguments === undefined ? visit.frame.input : await evaluateField(visit, "Arguments", state.Arguments);
    const limits = {
      timeoutInSeconds: await evaluateInteger(visit, "TimeoutSeconds", state.TimeoutSeconds, 1),
      heartbeatInSeconds: await evaluateInteger(visit, "HeartbeatSeconds", state.HeartbeatSeconds, 1),
    };
    const result = await attempt({ resource, input, limits, waiting }, visit);
    requireWithinDataLimit(visit.name, "a result", result);
    return { fields: state, output: result, result, next: state.Next };
  } finally {
    waiting?.close();
    delete visit.context["Task"];
  }
}

function waitsForToken(resource: TaskResource): boolean {
  return resource.kind !== "function" && resource.pattern === "waitForTaskToken";
}

interface Attempt {
  readonly resource: TaskResource;
  readonly input: Json;
  readonly limits: TaskLimits;
  readonly waiting: WaitingTask | undefined;
}

async function attempt({ resource, input, limits, waiting }: Attempt, visit: Visit): Promise<Json> {
  const { engine, thread } = visit;
  const events = taskEvents(resource, visit);
  const over = new AbortController();
  const signal = AbortSignal.any([thread.signal, over.signal]);
  const interrupted = rejectOnAbort(signal);
  events.scheduled(input, limits);
  const onWait = startTimeLimits(limits, visit, over, waiting);
  try {
    const call = {
      resource,
      arguments: structuredClone(input),
      signal,
      onWait,
      cancelled: thread.signal,
      onSubmitted: (output: Json) => {
        if (!signal.aborted) events.submitted(output);
      },
    };
    let result = await Promise.race([engine.callTask(call), interrupted]);
    if (waiting !== undefined) {
      events.submitted(result);
      result = await Promise.race([waiting.answer, interrupted]);
    }
    events.succeeded(result);
    return result;
  } catch (thrown) {
    thread.signal.throwIfAborted();
    const error = toStatesError(thrown);
    events.failed(error);
    throw error;
  } finally {
    over.abort(new StatesError("States.Runtime", "The task is over."));
  }
}

function startTimeLimits(
  limits: TaskLimits,
  visit: Visit,
  over: AbortController,
  waiting: WaitingTask | undefined,
): (until: Promise<void>) => void {
  const { clock } = visit.engine;
  const signal = AbortSignal.any([visit.thread.signal, over.signal]);
  const { timeoutInSeconds, heartbeatInSeconds } = limits;
  let stopped = new AbortController();
  const startTime = () => {
    if (timeoutInSeconds === undefined) return;
    const error = new StatesError("States.Timeout", `The task ran longer than ${timeoutInSeconds} seconds.`);
    stopped = new AbortController();
    const running = AbortSignal.any([signal, stopped.signal]);
    schedule(clock, timeoutInSeconds * 1000, running, () => over.abort(error));
  };
  const stopTime = (until: Promise<void>) => {
    stopped.abort();
    void until.then(startTime);
  };
  startTime();
  if (heartbeatInSeconds === undefined) return stopTime;
  const error = new StatesError("States.HeartbeatTimeout", `No heartbeat came for ${heartbeatInSeconds} seconds.`);
  let heartbeat = new AbortController();
  const expectHeartbeat = () => {
    heartbeat.abort();
    heartbeat = new AbortController();
    const quiet = AbortSignal.any([signal, heartbeat.signal]);
    schedule(clock, heartbeatInSeconds * 1000, quiet, () => over.abort(error));
  };
  waiting?.onHeartbeat(expectHeartbeat);
  expectHeartbeat();
  return stopTime;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // Every task ends by aborting the signal; nobody need be waiting then.
  if (signal.aborted) reject(signal.reason);
  else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
