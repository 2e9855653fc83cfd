import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { AwsError } from "./contract.ts";
import { isRecord } from "./schema.ts";
import type { Service } from "./service.ts";

const Shape = z.object({
  enum: z.array(z.string()).optional(),
  pattern: z
    .string()
    .transform((text) => ({ text, whole: new RegExp(`^(?:${text})$`, "u") }))
    .optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  members: z.record(z.string(), z.string()).optional(),
  member: z.string().optional(),
  key: z.string().optional(),
  value: z.string().optional(),
});
type Shape = z.output<typeof Shape>;
const Model = z.object({ operations: z.record(z.string(), z.string()), shapes: z.record(z.string(), Shape) });
type Model = z.output<typeof Model>;

/** By the name in a signature's scope; `npm run service-models` writes them from AWS's own. */
const models = new Map<string, Model | undefined>();

function modelOf(service: string): Model | undefined {
  if (!models.has(service)) {
    const path = join(import.meta.dirname, "models", `${service}.json`);
    models.set(service, existsSync(path) ? Model.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined);
  }
  return models.get(service);
}

interface Violation {
  readonly path: string;
  readonly value: string;
  /** In the services' words: `Member must …`. */
  readonly constraint: string;
}

/**
 * Throws as the service does when a part of the input is not what its model allows: not of an enumeration, not of a
 * pattern, too long, too short, too much, too little. Services that have no model here allow everything.
 */
export function checkConstraints(service: Service, operation: string, input: unknown): void {
  const model = modelOf(service.signingName);
  const shape = model?.operations[operation];
  const violation = model && shape !== undefined ? find(model, shape, input, "") : undefined;
  if (violation) throw errorOf(service, violation);
}

function find(model: Model, name: string | undefined, value: unknown, path: string): Violation | undefined {
  const shape = name === undefined ? undefined : model.shapes[name];
  if (!shape || value === undefined || value === null) return undefined;
  const constraint = unmet(shape, value);
  if (constraint !== undefined) return { path, value: shown(value), constraint };
  for (const [inner, of, there] of partsOf(shape, value, path)) {
    const found = find(model, of, inner, there);
    if (found) return found;
  }
  return undefined;
}

function partsOf(
  shape: Shape,
  value: unknown,
  path: string,
): [value: unknown, shape: string | undefined, path: string][] {
  if (Array.isArray(value)) return value.map((item, index) => [item, shape.member, `${path}.${index + 1}.member`]);
  if (!isRecord(value)) return [];
  if (shape.members) {
    const dot = path === "" ? "" : ".";
    return Object.entries(shape.members).map(([name, of]) => [value[name], of, `${path}${dot}${name}`]);
  }
  return Object.entries(value).flatMap(([key, item]): [unknown, string | undefined, string][] => [
    [key, shape.key, `${path}.${key}.key`],
    [item, shape.value, `${path}.${key}.member`],
  ]);
}

function unmet({ enum: values, pattern, min, max }: Shape, value: unknown): string | undefined {
  if (typeof value === "string") {
    if (values && !values.includes(value)) return `Member must satisfy enum value set: [${values.join(", ")}]`;
    if (pattern && !pattern.whole.test(value)) {
      return `Member must satisfy regular expression pattern: ${pattern.text}`;
    }
  }
  const [size, what] = measure(value);
  if (size === undefined) return undefined;
  if (min !== undefined && size < min) return `Member must have ${what} greater than or equal to ${min}`;
  if (max !== undefined && size > max) return `Member must have ${what} less than or equal to ${max}`;
  return undefined;
}

function measure(value: unknown): [size: number | undefined, what: "value" | "length"] {
  if (typeof value === "number") return [value, "value"];
  if (typeof value === "string") return [[...value].length, "length"];
  if (value instanceof Uint8Array || Array.isArray(value)) return [value.length, "length"];
  return [
    isRecord(value) && Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value).length : undefined,
    "length",
  ];
}

const MAX_SHOWN_LENGTH = 200;
function shown(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, MAX_SHOWN_LENGTH);
}

function errorOf(service: Service, { path, value, constraint }: Violation): AwsError {
  if (service.protocol === "ec2") {
    return new AwsError("InvalidParameterValue", `Value (${value}) for parameter ${path} is invalid. ${constraint}`);
  }
  const where = path.replace(/(^|\.)([A-Z])/g, (_, dot: string, letter: string) => dot + letter.toLowerCase());
  const message = `1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: ${constraint}`;
  const codes = { query: "ValidationError", json: "ValidationException", restJson: "ValidationException" };
  return new AwsError(service.protocol === "restXml" ? "InvalidInput" : codes[service.protocol], message);
}
