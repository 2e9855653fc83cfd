import type { z } from "zod";
import { type Definition, definitionSchema, type Graph, innerGraphs, type State } from "./definition.ts";
import { compile, isExpression } from "./expressions.ts";
import { type Json, toJson, tryParseJson } from "./json.ts";
import { parseResource } from "./resource.ts";

/** One thing that is wrong with a definition, in the words of ValidateStateMachineDefinition. */
export interface Diagnostic {
  readonly code: "INVALID_JSON_DESCRIPTION" | "SCHEMA_VALIDATION_FAILED" | "MISSING_TRANSITION_TARGET";
  readonly message: string;
  /** A JSON pointer: `/States/Attach volume/Retry/0`. */
  readonly location: string;
}

export type ValidatedDefinition =
  | { readonly definition: Definition; readonly diagnostics: readonly [] }
  | { readonly definition?: never; readonly diagnostics: readonly Diagnostic[] };

/** Fields that exist in JSONPath states only; named apart so that the message can say so. */
const JSONPATH_FIELDS = new Set(
  [
    "InputPath OutputPath ResultPath Parameters ResultSelector Result ItemsPath Iterator SecondsPath TimestampPath",
    "TimeoutSecondsPath HeartbeatSecondsPath ErrorPath CausePath MaxConcurrencyPath ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath Variable And Or Not",
  ].flatMap((names) => names.split(" ")),
);

/** Everything that CreateStateMachine would refuse, as far as it can be seen without running: all problems at once. */
export function validateDefinition(text: string): ValidatedDefinition {
  const json = tryParseJson(text);
  if (json === undefined) {
    const problem = {
      code: "INVALID_JSON_DESCRIPTION",
      message: "The definition is not JSON.",
      location: "/",
    } as const;
    return { diagnostics: [problem] };
  }
  const parsed = definitionSchema.safeParse(json);
  if (!parsed.success) return { diagnostics: parsed.error.issues.map(toDiagnostic) };
  const diagnostics = [...expressionProblems(json, ""), ...graphProblems(parsed.data, "", new Set())];
  return diagnostics.length > 0 ? { diagnostics } : { definition: parsed.data, diagnostics: [] };
}

function toDiagnostic(issue: z.core.$ZodIssue): Diagnostic {
  const location = `/${issue.path.map(String).join("/")}`;
  const path = issue.code === "unrecognized_keys" ? issue.keys.find((key) => JSONPATH_FIELDS.has(key)) : undefined;
  const message =
    path === undefined
      ? issue.message
      : `"${path}" is a JSONPath field; only QueryLanguage JSONata is supported, where Arguments, Output and Assign shape data.`;
  return { code: "SCHEMA_VALIDATION_FAILED", message, location };
}

/** Every JSONata string must compile, wherever it stands. */
function expressionProblems(value: Json, location: string): Diagnostic[] {
  if (isExpression(value)) {
    try {
      compile(value);
      return [];
    } catch (failure) {
      const reason = typeof failure === "object" && failure && "message" in failure ? failure.message : failure;
      return [{ code: "SCHEMA_VALIDATION_FAILED", message: `${value} is not JSONata: ${reason}`, location }];
    }
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => expressionProblems(inner, `${location}/${key}`));
}

function graphProblems(graph: Graph, location: string, outerVariables: ReadonlySet<string>): Diagnostic[] {
  const problems: Diagnostic[] = [];
  const target = (name: string, at: string) => {
    if (graph.States[name] !== undefined) return;
    problems.push({ code: "MISSING_TRANSITION_TARGET", message: `There is no state "${name}".`, location: at });
  };
  target(graph.StartAt, `${location}/StartAt`);
  const variables = new Set(outerVariables);
  for (const [name, state] of Object.entries(graph.States)) {
    const at = `${location}/States/${name}`;
    for (const next of targetsOf(state)) target(next, at);
    for (const message of stateProblems(state))
      problems.push({ code: "SCHEMA_VALIDATION_FAILED", message, location: at });
    for (const variable of assignedVariables(state)) {
      if (outerVariables.has(variable)) problems.push(shadowing(variable, at));
      variables.add(variable);
    }
  }
  for (const [name, state] of Object.entries(graph.States)) {
    for (const inner of innerGraphs(state))
      problems.push(...graphProblems(inner, `${location}/States/${name}`, variables));
  }
  return problems;
}

/** A variable's name must be unique across enclosing scopes: https://states-language.net/#variable-scope */
function shadowing(variable: string, location: string): Diagnostic {
  const message = `The variable "${variable}" is assigned in an enclosing scope; inner states may read it but not assign it.`;
  return { code: "SCHEMA_VALIDATION_FAILED", message, location };
}

function targetsOf(state: State): string[] {
  const catches = "Catch" in state ? (state.Catch ?? []).map((catcher) => catcher.Next) : [];
  if (state.Type === "Choice") {
    return [...state.Choices.map((rule) => rule.Next), ...(state.Default === undefined ? [] : [state.Default])];
  }
  return "Next" in state && state.Next !== undefined ? [state.Next, ...catches] : catches;
}

/** The names that a state's Assign fields give values to, its Choice rules and catchers included. */
export function assignedVariables(state: State): string[] {
  const assigns = [
    "Assign" in state ? state.Assign : undefined,
    ...("Catch" in state ? (state.Catch ?? []).map((catcher) => catcher.Assign) : []),
    ...("Choices" in state ? state.Choices.map((rule) => rule.Assign) : []),
  ];
  return [...new Set(assigns.flatMap((assign) => Object.keys(assign ?? {})))];
}

function* stateProblems(state: State): Generator<string> {
  if (state.Type !== "Choice" && state.Type !== "Succeed" && state.Type !== "Fail") {
    if ((state.Next === undefined) === (state.End === undefined)) yield "A state needs either Next or End.";
  }
  if (state.Type === "Wait" && (state.Seconds === undefined) === (state.Timestamp === undefined)) {
    yield "A Wait state needs either Seconds or Timestamp.";
  }
  if (state.Type === "Task" && parseResource(state.Resource) === undefined) {
    yield `The resource ${state.Resource} is not supported.`;
  }
  if (assignedVariables(state).includes("states")) yield 'The variable "states" is reserved.';
  if ("Catch" in state) {
    for (const handlers of [state.Retry ?? [], state.Catch ?? []]) yield* wildcardProblems(handlers);
  }
}

/** States.ALL must stand alone in its list, and its handler last. */
function* wildcardProblems(handlers: readonly { readonly ErrorEquals: readonly string[] }[]): Generator<string> {
  for (const [index, { ErrorEquals }] of handlers.entries()) {
    if (!ErrorEquals.includes("States.ALL")) continue;
    if (ErrorEquals.length > 1 || index < handlers.length - 1)
      yield "States.ALL must appear alone, in the last handler.";
  }
}

/** The text of a definition given as text or as an object. */
export function definitionText(definition: string | object): string {
  return typeof definition === "string" ? definition : JSON.stringify(toJson(definition), undefined, 2);
}
