import type { Clock } from "../context/clock.ts";
import type { DataFields, Graph } from "./definition.ts";
import { type Bindings, evaluate, QueryEvaluationError } from "./expressions.ts";
import type { History, Thread } from "./history.ts";
import type { Json, JsonObject } from "./json.ts";
import type { TaskResource } from "./resource.ts";
import type { TaskTokens } from "./task-tokens.ts";

/**
 * How far one thread of control has come. Plain JSON: a redrive continues from here, also after a restart.
 * The root frame is the machine's own; a Parallel or Map state keeps one child for each branch or iteration.
 */
export interface Frame {
  state: string;
  input: Json;
  variables: JsonObject;
  /** Whether the current state was entered already, so that a redrive does not enter it twice. */
  entered: boolean;
  children: (Frame | null)[];
  /** Present once the thread has succeeded. */
  output?: Json | undefined;
}

/** The variables that a state can name: its own scope's and those of the scopes around it. */
export interface Scope {
  readonly variables: JsonObject;
  readonly outer?: Scope;
}

/** What a Task asks of the world. */
export interface TaskCall {
  readonly resource: TaskResource;
  readonly arguments: Json;
  /** Aborted as soon as nobody waits for the result: time-out, stop, failure of a sibling. */
  readonly signal: AbortSignal;
  /**
   * Aborted only when the execution stops or a sibling fails: then Step Functions cancels what a `.sync` task started.
   */
  readonly cancelled: AbortSignal;
  /** See `CallOptions`. */
  readonly onWait: (waiting: Promise<void>) => void;
  /** To be called by patterns that continue after the call was accepted. */
  onSubmitted(output: Json): void;
}

/** What the states of one execution share. */
export interface Engine {
  readonly clock: Clock;
  readonly region: string;
  readonly random: () => number;
  /** How many times faster waits and pauses before retries are. */
  readonly speed: number;
  /** From one state to the next, in milliseconds. */
  readonly transitionMs: number;
  readonly functions: Bindings["functions"];
  readonly history: History;
  readonly tokens: TaskTokens;
  /** The members `Execution` and `StateMachine` of the context object. */
  readonly executionContext: JsonObject;
  callTask(call: TaskCall): Promise<Json>;
}

/** One stay in one state, from entry to exit, retries included. */
export interface Visit {
  readonly name: string;
  readonly frame: Frame;
  readonly scope: Scope;
  readonly thread: Thread;
  readonly engine: Engine;
  /** The context object; State.RetryCount and Task.Token change while the visit lasts. */
  readonly context: JsonObject;
}

/** What a state came to: the raw output, and the fields that shape it and assign variables. */
export interface Outcome {
  readonly fields: DataFields;
  readonly output: Json;
  /** `$states.result`; absent where states have none. */
  readonly result?: Json;
  /** `$states.errorOutput`; in catchers only. */
  readonly errorOutput?: Json;
  /** Absent at the end of the graph. */
  readonly next: string | undefined;
}

/** Runs a graph in a frame until it ends. Passed to the states that contain graphs. */
export type RunGraph = (graph: Graph, frame: Frame, at: GraphPosition) => Promise<Json>;

export interface GraphPosition {
  readonly outer?: Scope;
  readonly thread: Thread;
  readonly engine: Engine;
  /** What the context object has beside Execution, StateMachine and State: `Map` inside an iteration. */
  readonly context: JsonObject;
}

export function newFrame(graph: Graph, input: Json): Frame {
  return { state: graph.StartAt, input, variables: {}, entered: false, children: [] };
}

/** The variables visible in a scope; inner names win, though validation leaves no two alike. */
export function visibleVariables(scope: Scope): JsonObject {
  return scope.outer === undefined ? scope.variables : { ...visibleVariables(scope.outer), ...scope.variables };
}

/** Evaluates a field of the state. `extra` is what `$states` has beside input and context. */
export function evaluateField(
  visit: Visit,
  field: string,
  template: Json,
  extra: { result?: Json; errorOutput?: Json; context?: JsonObject } = {},
): Promise<Json> {
  return evaluate(template, field, {
    states: { input: visit.frame.input, context: visit.context, ...extra },
    variables: visibleVariables(visit.scope),
    functions: visit.engine.functions,
  });
}

/**
 * The value of a field that takes a number or a JSONata string; undefined when the field is absent.
 * @throws QueryEvaluationError when it gives no whole number of at least `minimum`.
 */
export async function evaluateInteger(
  visit: Visit,
  field: string,
  template: number | string | undefined,
  minimum: number,
): Promise<number | undefined> {
  if (template === undefined) return undefined;
  const value = await evaluateField(visit, field, template);
  if (typeof value === "number" && Number.isInteger(value) && value >= minimum) return value;
  throw new QueryEvaluationError(`The field '${field}' must be a whole number of at least ${minimum}.`, field);
}

/** @throws QueryEvaluationError when the field gives no string. */
export async function evaluateString(visit: Visit, field: string, template: string): Promise<string> {
  const value = await evaluateField(visit, field, template);
  if (typeof value === "string") return value;
  throw new QueryEvaluationError(`The field '${field}' must be a string.`, field);
}
