import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "..");
const SOURCES = join(ROOT, "statemachines");

/** Where the definitions lie as Step Functions takes them: `dist/statemachines/<flow>.asl.json`. */
const DEFINITIONS = join(ROOT, "dist", "statemachines");

const Fields = z.record(z.string(), z.unknown());
const Policies = z.record(z.string(), Fields);
type Policies = z.output<typeof Policies>;

/** An item of `Retry`: a policy's name; a name with fields that differ; or a retrier as the language has it. */
const Item = z.union([z.string(), z.object({ ErrorEquals: z.unknown() }).loose(), z.record(z.string(), Fields)]);

function read(file: string): unknown {
  return parse(readFileSync(join(SOURCES, file), "utf8"));
}

/** The policies that tasks name, by their names. */
export function readPolicies(): Policies {
  return Policies.parse(read("retries.yaml"));
}

/** Names of all flows. */
export function listFlows(): string[] {
  return readdirSync(SOURCES)
    .filter((file) => file.endsWith(".asl.yaml"))
    .map((file) => file.replace(".asl.yaml", ""));
}

/** A flow's definition as Step Functions takes it, without the short forms of statemachines/README.md. */
export function readDefinition(flow: string, policies: Policies = readPolicies()): unknown {
  return expand(read(`${flow}.asl.yaml`), policies);
}

function expand(value: unknown, policies: Policies): unknown {
  if (Array.isArray(value)) return value.map((each) => expand(each, policies));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (name === "Retry")
        return [
          name,
          z
            .array(Item)
            .parse(inner)
            .flatMap((item) => retriersOf(item, policies)),
        ];
      if (name === "Catch") return [name, z.array(z.unknown()).parse(inner).map(catcherOf)];
      return [name, expand(name === "States" ? withoutShortForms(Policies.parse(inner)) : inner, policies)];
    }),
  );
}

function withoutShortForms(states: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => {
      if ("Function" in state) return [name, asTask(state)];
      return [name, state["Type"] === "Fail" && !("Error" in state) ? asFailure(name, state) : state];
    }),
  );
}

function asTask({ Function: FunctionName, Payload, ...rest }: Readonly<Record<string, unknown>>) {
  const given = Fields.parse(Payload ?? {});
  return {
    Type: "Task",
    Resource: "arn:${Partition}:states:::lambda:invoke",
    TimeoutSeconds: 60,
    Arguments: { FunctionName, Payload: { cluster: "{% $cluster %}", operation: "{% $operation %}", ...given } },
    Output: "{% $states.input %}",
    Retry: ["not-ready", "no-environment", "function-failed"],
    ...rest,
  };
}

/** Fails with the error that was caught on the way here. */
function asFailure(name: string, state: Readonly<Record<string, unknown>>) {
  const failure = failureOf(name);
  const fields = { Error: `{% $${failure}.Error %}`, Cause: `{% $${failure}.Cause %}` };
  return { Comment: "Hand the error on to the flow", ...state, ...fields };
}

function catcherOf(item: unknown): unknown {
  if (typeof item !== "string") return item;
  return { ErrorEquals: ["States.ALL"], Assign: { [failureOf(item)]: "{% $states.errorOutput %}" }, Next: item };
}

/** The variable of an error that leads to this state: inner scopes may not assign the flow's own `$failure`. */
function failureOf(state: string): string {
  const [, inner] = /^(.+) failed$/.exec(state) ?? [];
  if (inner === undefined) return "failure";
  const words = inner
    .toLowerCase()
    .split(/\W+/)
    .map((word, index) => (index === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`));
  return `${words.join("")}Failure`;
}

function retriersOf(item: z.output<typeof Item>, policies: Policies): unknown[] {
  if (typeof item === "object" && "ErrorEquals" in item) return [item];
  const named = typeof item === "string" ? { [item]: {} } : Policies.parse(item);
  return Object.entries(named).map(([name, changes]) => {
    if (!policies[name]) throw new Error(`statemachines/retries.yaml has no policy ${name}`);
    return { ...policies[name], ...changes };
  });
}

/** Writes a flow's definition, and returns its file. */
export function buildDefinition(flow: string): string {
  const file = join(DEFINITIONS, `${flow}.asl.json`);
  mkdirSync(DEFINITIONS, { recursive: true });
  // Others may build beside us: none of them reads half a file.
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(readDefinition(flow), null, 2)}\n`);
  renameSync(temporary, file);
  return file;
}
