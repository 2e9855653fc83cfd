import jsonata from "jsonata";
import { StatesError } from "./errors.ts";
import { type Json, type JsonObject, toJson } from "./json.ts";

/** The part of `$states` that a field may read: which members exist depends on the field. */
export interface StatesVariable {
  readonly input: Json;
  readonly context: JsonObject;
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** What an expression can name: `$states`, variables and functions. */
export interface Bindings {
  readonly states: StatesVariable;
  readonly variables: Readonly<JsonObject>;
  readonly functions: Readonly<Record<string, unknown>>;
}

const compiled = new Map<string, jsonata.Expression>();

/** Whether a string of a definition is a JSONata string: `{% … %}`. */
export function isExpression(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("{%") && value.endsWith("%}");
}

/** @throws Error (with JSONata's message) when the text between the delimiters is not JSONata. */
export function compile(expression: string): jsonata.Expression {
  let program = compiled.get(expression);
  if (program === undefined) {
    program = jsonata(expression.slice(2, -2).trim());
    compiled.set(expression, program);
  }
  return program;
}

/**
 * Replaces every JSONata string in a field's value, however deep, by what it evaluates to.
 * @throws StatesError States.QueryEvaluationError when an expression fails or gives nothing that JSON can express.
 */
export async function evaluate(template: Json, field: string, bindings: Bindings): Promise<Json> {
  if (isExpression(template)) return evaluateExpression(template, field, bindings);
  if (Array.isArray(template)) {
    return Promise.all(template.map((element, index) => evaluate(element, `${field}[${index}]`, bindings)));
  }
  if (typeof template === "object" && template !== null) {
    const entries = Object.entries(template).map(
      async ([name, value]): Promise<[string, Json]> => [name, await evaluate(value, `${field}/${name}`, bindings)],
    );
    return Object.fromEntries(await Promise.all(entries));
  }
  return template;
}

async function evaluateExpression(expression: string, field: string, bindings: Bindings): Promise<Json> {
  const subject = `The JSONata expression '${expression.slice(2, -2).trim()}' specified for the field '${field}'`;
  let json: Json | undefined;
  try {
    const { states, variables, functions } = bindings;
    const value: unknown = await compile(expression).evaluate(undefined, { ...functions, ...variables, states });
    json = typeof value === "function" ? undefined : toJson(value);
  } catch (failure) {
    throw new QueryEvaluationError(`${subject} threw an error during evaluation. ${messageOf(failure)}`, field);
  }
  if (json === undefined) throw new QueryEvaluationError(`${subject} returned nothing (undefined).`, field);
  return json;
}

/** An expression failed, or gave what its field cannot take. Knows the field, which the history reports. */
export class QueryEvaluationError extends StatesError {
  readonly field: string;

  constructor(cause: string, field: string) {
    super("States.QueryEvaluationError", cause);
    this.field = field;
  }
}

function messageOf(failure: unknown): string {
  // JSONata throws plain objects with `code`, `position` and `message`.
  if (typeof failure === "object" && failure !== null && "message" in failure) return String(failure.message);
  return String(failure);
}
