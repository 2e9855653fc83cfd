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

/** A flow's definition as Step Functions takes it: each task has its retriers in place of the policies' names. */
export function readDefinition(flow: string, policies: Policies = readPolicies()): unknown {
  return withRetriers(read(`${flow}.asl.yaml`), policies);
}

function withRetriers(value: unknown, policies: Policies): unknown {
  if (Array.isArray(value)) return value.map((each) => withRetriers(each, policies));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "Retry"
        ? z
            .array(Item)
            .parse(inner)
            .flatMap((item) => retriersOf(item, policies))
        : withRetriers(inner, policies),
    ]),
  );
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
