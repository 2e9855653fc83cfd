import type { Target } from "@aws-sdk/client-eventbridge";
import type { BusEvent } from "./event.ts";
import { isObject } from "./json.ts";

interface RuleFacts {
  readonly arn: string;
  readonly name: string;
}

/**
 * The text that a target receives: the event, a part of it, a constant, or a transformed one
 * (EB `userguide/eb-transform-target-input.html`).
 */
export function targetInput(target: Target, event: BusEvent, rule: RuleFacts): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath) ?? null);
  if (target.InputTransformer === undefined) return JSON.stringify(event);
  const variables = new Map<string, unknown>([
    ["aws.events.rule-arn", rule.arn],
    ["aws.events.rule-name", rule.name],
    ["aws.events.event.ingestion-time", event.time],
    ["aws.events.event", withoutDetail(event)],
    ["aws.events.event.json", event],
  ]);
  for (const [name, path] of Object.entries(target.InputTransformer.InputPathsMap ?? {}))
    variables.set(name, valueAt(event, path));
  return fill(target.InputTransformer.InputTemplate ?? "", variables);
}

function withoutDetail(event: BusEvent): Partial<BusEvent> {
  const { detail: _, ...rest } = event;
  return rest;
}

/** Dot and bracket notation of JSON paths: `$.detail.instance-id`, `$.resources[0]`, `$.detail['a.b']`. */
export function valueAt(event: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/g)].map(
    ([, name, index, quoted]) => name ?? index ?? quoted ?? "",
  );
  return steps.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    return isObject(value) ? value[step] : undefined;
  }, event);
}

/** Inside quotes a variable is its text, elsewhere its JSON; what the event does not have leaves nothing behind. */
function fill(template: string, variables: ReadonlyMap<string, unknown>): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (match, name: string | undefined) => {
    if (match === '"') quoted = !quoted;
    if (name === undefined || !variables.has(name)) return match;
    const value = variables.get(name);
    if (value === undefined) return "";
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
  });
}
