import type { MapState } from "../definition.ts";
import { StatesError } from "../errors.ts";
import { QueryEvaluationError } from "../expressions.ts";
import type { Thread } from "../history.ts";
import type { Json, JsonObject } from "../json.ts";
import { evaluateField, evaluateInteger, newFrame, type Outcome, type RunGraph, type Visit } from "../visit.ts";
import { fanOut } from "./fan-out.ts";

/** Inline maps run no more iterations at a time: docs/references/aws.md#sfn-maps. */
const INLINE_CONCURRENCY_LIMIT = 40;

/** Runs the item processor once for each item. */
export async function runMap(state: MapState, visit: Visit, runGraph: RunGraph): Promise<Outcome> {
  const items = state.Items === undefined ? visit.frame.input : await evaluateField(visit, "Items", state.Items);
  if (!Array.isArray(items)) throw new QueryEvaluationError("The field 'Items' must be an array.", "Items");
  const { engine, thread } = visit;
  const concurrency = (await evaluateInteger(visit, "MaxConcurrency", state.MaxConcurrency, 0)) || Infinity;
  const evaluateFailure = await failureTolerance(state, visit, items.length);

  engine.history.add(thread, { type: "MapStateStarted", mapStateStartedEventDetails: { length: items.length } });
  const outputs = await fanOut(visit, {
    count: items.length,
    concurrency: Math.min(concurrency, INLINE_CONCURRENCY_LIMIT),
    evaluateFailure,
    runChild: (index, child) => runIteration({ state, visit, runGraph, index, item: items[index] ?? null, child }),
  });
  engine.history.add(thread, { type: "MapStateSucceeded" });
  return { fields: state, output: outputs, result: outputs, next: state.Next };
}

interface Iteration {
  readonly state: MapState;
  readonly visit: Visit;
  readonly runGraph: RunGraph;
  readonly index: number;
  readonly item: Json;
  readonly child: Thread;
}

async function runIteration({ state, visit, runGraph, index, item, child }: Iteration): Promise<Json> {
  const { engine, frame } = visit;
  const context: JsonObject = { Map: { Item: { Index: index, Value: item } } };
  const ended = frame.children[index]?.output;
  if (ended !== undefined) return ended;

  const details = { name: visit.name, index };
  engine.history.add(child, { type: "MapIterationStarted", mapIterationStartedEventDetails: details });
  try {
    const childFrame =
      frame.children[index] ?? newFrame(state.ItemProcessor, await itemInput(state, visit, item, context));
    frame.children[index] = childFrame;
    const position = { outer: visit.scope, thread: child, engine, context };
    const output = await runGraph(state.ItemProcessor, childFrame, position);
    engine.history.add(child, { type: "MapIterationSucceeded", mapIterationSucceededEventDetails: details });
    return output;
  } catch (error) {
    if (child.signal.aborted) {
      engine.history.add(child, { type: "MapIterationAborted", mapIterationAbortedEventDetails: details });
    } else {
      engine.history.add(child, { type: "MapIterationFailed", mapIterationFailedEventDetails: details });
    }
    throw error;
  }
}

async function itemInput(state: MapState, visit: Visit, item: Json, context: JsonObject): Promise<Json> {
  if (state.ItemSelector === undefined) return structuredClone(item);
  return evaluateField(visit, "ItemSelector", state.ItemSelector, { context: { ...visit.context, ...context } });
}

/** With both thresholds given, breaching either fails the state: https://states-language.net/#map-state */
async function failureTolerance(state: MapState, visit: Visit, total: number) {
  const count = await evaluateInteger(visit, "ToleratedFailureCount", state.ToleratedFailureCount, 0);
  const percentage = await evaluateInteger(visit, "ToleratedFailurePercentage", state.ToleratedFailurePercentage, 0);
  if (count === undefined && percentage === undefined) return (_: number, error: StatesError) => error;
  return (failures: number) => {
    const breached = failures > (count ?? total) || (failures / total) * 100 > (percentage ?? 100);
    if (!breached) return undefined;
    return new StatesError(
      "States.ExceedToleratedFailureThreshold",
      `The specified tolerated failure threshold was exceeded: ${failures} of ${total} items failed.`,
    );
  };
}
