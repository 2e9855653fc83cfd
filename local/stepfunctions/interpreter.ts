import type { Graph, State } from "./definition.ts";
import { matchesError, requireWithinDataLimit, ShutDown, StatesError, Terminated, toStatesError } from "./errors.ts";
import { QueryEvaluationError } from "./expressions.ts";
import { inputDetail, outputDetail } from "./history.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { RetryBudget } from "./retry.ts";
import { sleep } from "./sleep.ts";
import { runChoice } from "./states/choice.ts";
import { runMap } from "./states/map.ts";
import { runParallel } from "./states/parallel.ts";
import { runFail, runPass, runSucceed } from "./states/simple.ts";
import { runTask } from "./states/task.ts";
import { runWait } from "./states/wait.ts";
import { evaluateField, type Frame, type GraphPosition, type Outcome, type Visit } from "./visit.ts";

/**
 * Runs a graph from where its frame stands to its end.
 * @returns the output of the last state.
 * @throws StatesError for a failure that no state of the graph caught; the signal's reason when aborted.
 */
export async function runGraph(graph: Graph, frame: Frame, position: GraphPosition): Promise<Json> {
  for (;;) {
    position.thread.signal.throwIfAborted();
    const state = graph.States[frame.state];
    if (state === undefined) throw new StatesError("States.Runtime", `There is no state '${frame.state}'.`);
    const { clock, transitionMs } = position.engine;
    if (transitionMs > 0) await sleep(clock, transitionMs, position.thread.signal);
    const exit = await runState(state, newVisit(frame, position));
    frame.entered = false;
    frame.children = [];
    if (exit.next === undefined) {
      frame.output = exit.output;
      return exit.output;
    }
    frame.state = exit.next;
    frame.input = exit.output;
  }
}

function newVisit(frame: Frame, { outer, thread, engine, context }: GraphPosition): Visit {
  const entered = new Date(engine.clock.now()).toISOString();
  const visitContext: JsonObject = {
    ...engine.executionContext,
    ...context,
    State: { Name: frame.state, EnteredTime: entered, RetryCount: 0 },
  };
  const scope = outer === undefined ? { variables: frame.variables } : { variables: frame.variables, outer };
  return { name: frame.state, frame, scope, thread, engine, context: visitContext };
}

interface Exit {
  readonly output: Json;
  readonly next: string | undefined;
}

async function runState(state: State, visit: Visit): Promise<Exit> {
  const { name, frame, thread } = visit;
  const { history } = visit.engine;
  if (!frame.entered) {
    const details = { name, ...inputDetail(frame.input) };
    history.add(thread, { type: `${state.Type}StateEntered`, stateEnteredEventDetails: details });
    frame.entered = true;
  }
  try {
    const { output, next, assigned } = await attemptUntilSettled(state, visit);
    if (state.Type !== "Fail") {
      const details = { name, ...outputDetail(output), ...assignedDetail(assigned) };
      history.add(thread, { type: `${state.Type}StateExited`, stateExitedEventDetails: details });
    }
    Object.assign(frame.variables, assigned);
    return { output, next };
  } catch (thrown) {
    recordAbort(state, visit);
    throw thrown;
  }
}

/** What the history says of a state whose sibling failed; of a stop it says nothing but that the execution ended. */
function recordAbort(state: State, { thread, engine }: Visit): void {
  const { aborted, reason } = thread.signal;
  if (!aborted || reason instanceof Terminated || reason instanceof ShutDown) return;
  if (state.Type === "Task" || state.Type === "Wait" || state.Type === "Parallel" || state.Type === "Map") {
    engine.history.add(thread, { type: `${state.Type}StateAborted` });
  }
}

/** A Task says itself how it failed. */
function recordFailure(state: State, failure: StatesError, { name, thread, engine }: Visit): void {
  if (failure instanceof QueryEvaluationError) {
    const details = { error: failure.error, cause: failure.cause, location: failure.field, state: name };
    engine.history.add(thread, { type: "EvaluationFailed", evaluationFailedEventDetails: details });
  }
  if (state.Type === "Parallel" || state.Type === "Map") {
    engine.history.add(thread, { type: `${state.Type}StateFailed` });
  }
}

function assignedDetail(assigned: JsonObject) {
  const entries = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]);
  if (entries.length === 0) return {};
  return { assignedVariables: Object.fromEntries(entries), assignedVariablesDetails: { truncated: false } };
}

interface Settled extends Exit {
  readonly assigned: JsonObject;
}

/** Attempts a state until it succeeds, its retries are used up, or a catcher takes the error. */
async function attemptUntilSettled(state: State, visit: Visit): Promise<Settled> {
  const { frame, thread, engine } = visit;
  const budget = new RetryBudget();
  for (;;) {
    try {
      return await settle(await runOnce(state, visit), visit);
    } catch (thrown) {
      thread.signal.throwIfAborted();
      const failure = toStatesError(thrown);
      recordFailure(state, failure, visit);
      const delay = "Retry" in state ? budget.nextDelay(state.Retry ?? [], failure.error, engine.random) : undefined;
      if (delay === undefined) return catchFailure(state, visit, failure);
      await sleep(engine.clock, delay / engine.speed, thread.signal);
      countRetry(visit);
      frame.children = [];
    }
  }
}

function runOnce(state: State, visit: Visit): Outcome | Promise<Outcome> {
  switch (state.Type) {
    case "Pass":
      return runPass(state, visit);
    case "Succeed":
      return runSucceed(state, visit);
    case "Fail":
      return runFail(state, visit);
    case "Choice":
      return runChoice(state, visit);
    case "Wait":
      return runWait(state, visit);
    case "Task":
      return runTask(state, visit);
    case "Parallel":
      return runParallel(state, visit, runGraph);
    case "Map":
      return runMap(state, visit, runGraph);
  }
}

/** Evaluates Assign and Output. Both see the variables as they were on entry: https://states-language.net/#assigning-variables */
async function settle({ fields, next, output, ...extra }: Outcome, visit: Visit): Promise<Settled> {
  const assigned = fields.Assign === undefined ? {} : await evaluateField(visit, "Assign", { ...fields.Assign }, extra);
  const shaped = fields.Output === undefined ? output : await evaluateField(visit, "Output", fields.Output, extra);
  requireWithinDataLimit(visit.name, "variables", assigned);
  requireWithinDataLimit(visit.name, "an output", shaped);
  return { output: shaped, next, assigned: isJsonObject(assigned) ? assigned : {} };
}

async function catchFailure(state: State, visit: Visit, failure: StatesError): Promise<Settled> {
  const catchers = "Catch" in state ? (state.Catch ?? []) : [];
  const catcher = catchers.find(({ ErrorEquals }) => matchesError(ErrorEquals, failure.error));
  if (catcher === undefined) throw failure;
  const errorOutput = { Error: failure.error, Cause: failure.cause };
  return settle({ fields: catcher, output: errorOutput, errorOutput, next: catcher.Next }, visit);
}

function countRetry({ context }: Visit): void {
  const state = context["State"];
  if (isJsonObject(state)) state["RetryCount"] = Number(state["RetryCount"]) + 1;
}
