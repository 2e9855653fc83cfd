import jsonata from "jsonata";
import { definitionSchema, type Graph, innerGraphs, type State } from "../../local/stepfunctions/definition.ts";
import { compile, isExpression } from "../../local/stepfunctions/expressions.ts";
import { type Json, parseJson } from "../../local/stepfunctions/json.ts";
import { jsonataFunctions } from "../../local/stepfunctions/jsonata-functions.ts";
import { assignedVariables } from "../../local/stepfunctions/validate-definition.ts";
import { listFlows, readDefinition } from "../../scripts/definitions.ts";

/** A definition as it is deployed, but with made-up ARNs in place of its `${Placeholders}`. */
export interface Machine {
  readonly machine: string;
  readonly text: string;
}

/** Every definition of the project. */
export function readMachines(): Machine[] {
  return listFlows().map((flow) => ({ machine: flow, text: substitute(JSON.stringify(readDefinition(flow))) }));
}

function substitute(text: string): string {
  return text
    .replaceAll("${Partition}", "aws")
    .replaceAll(/\$\{(\w+)\}/g, "arn:aws:lambda:us-west-2:111122223333:function:$1");
}

/** A state, where it is, and the variables that it may name. */
export interface PlacedState {
  readonly machine: string;
  readonly name: string;
  readonly state: State;
  readonly variables: ReadonlySet<string>;
}

/** Every state of a machine, those inside branches and maps included; none when the definition is malformed. */
export function statesOf({ machine, text }: Machine): PlacedState[] {
  const { data } = definitionSchema.safeParse(parseJson(text));
  return data === undefined ? [] : statesIn(data, machine, new Set());
}

function statesIn(graph: Graph, machine: string, outer: ReadonlySet<string>): PlacedState[] {
  const variables = new Set([...outer, ...Object.values(graph.States).flatMap(assignedVariables)]);
  return Object.entries(graph.States).flatMap(([name, state]) => [
    { machine, name, state, variables },
    ...innerGraphs(state).flatMap((inner) => statesIn(inner, machine, variables)),
  ]);
}

/** The variables that a state's own expressions name although no state of its scope, or of one around it, assigns them. */
export async function unassignedVariables({ state, variables }: PlacedState): Promise<string[]> {
  const { Branches: _, ItemProcessor: __, ...own } = { Branches: undefined, ItemProcessor: undefined, ...state };
  const unknown: string[] = [];
  for (const expression of expressionsIn(own)) {
    for (const name of namesIn(expression)) {
      if (name !== "states" && !variables.has(name) && !(await isFunction(name))) unknown.push(name);
    }
  }
  return [...new Set(unknown)];
}

function expressionsIn(value: unknown): string[] {
  if (isExpression(value)) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(expressionsIn) : [];
}

/** The `$names` of an expression that it does not bind itself. */
function namesIn(expression: string): Set<string> {
  const used = new Set<string>();
  const bound = new Set<string>();
  const seen = new Set<object>();
  const walk = (node: unknown) => {
    if (typeof node !== "object" || node === null || seen.has(node)) return;
    seen.add(node);
    if (isVariable(node)) used.add(node.value);
    if ("type" in node && node.type === "bind" && "lhs" in node && isVariable(node.lhs)) bound.add(node.lhs.value);
    if ("type" in node && node.type === "lambda" && "arguments" in node && Array.isArray(node.arguments)) {
      for (const parameter of node.arguments) if (isVariable(parameter)) bound.add(parameter.value);
    }
    for (const inner of Object.values(node)) walk(inner);
  };
  walk(compile(expression).ast());
  return new Set([...used].filter((name) => name !== "" && name !== "$" && !bound.has(name)));
}

function isVariable(node: unknown): node is { readonly type: "variable"; readonly value: string } {
  return typeof node === "object" && node !== null && "type" in node && node.type === "variable" && "value" in node;
}

const stepFunctionsOwn = jsonataFunctions({ now: () => 0, random: () => 0 });

async function isFunction(name: string): Promise<boolean> {
  return name in stepFunctionsOwn || (await jsonata(`$exists($${name})`).evaluate(undefined)) === true;
}

/** The names that a Task retries or catches. */
export function errorNamesOf(state: State): string[] {
  if (!("Catch" in state)) return [];
  return [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
}

/** A machine of a test's own, to see that the checks would fail. */
export function machineOf(definition: { [name: string]: Json }): Machine {
  return { machine: "test", text: JSON.stringify({ QueryLanguage: "JSONata", TimeoutSeconds: 60, ...definition }) };
}
