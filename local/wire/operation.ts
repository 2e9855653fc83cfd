import { NormalizedSchema } from "@smithy/core/schema";
import { type Route, routeOf } from "./route.ts";
import type { SchemaReference } from "./schema.ts";

/** One operation of a service, as the SDK describes it. `route` exists in the REST protocols only. */
export interface Operation {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  readonly route?: Route;
}

/**
 * How client packages export an operation: `[9, namespace, name, traits, input, output]`. The layout is not documented,
 * so SDK versions are pinned and `fuzz.test.ts` is what an upgrade has to pass.
 */
type OperationSchema = readonly [
  kind: typeof operationKind,
  namespace: string,
  name: string,
  traits: unknown,
  input: SchemaReference,
  output: SchemaReference,
];
const operationKind = 9;

function isOperationSchema(value: unknown): value is OperationSchema {
  return Array.isArray(value) && value[0] === operationKind && typeof value[2] === "string";
}

/** Every operation whose schema the client package exports, by name. */
export function operationsOf(module: object): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const exported of Object.values(module)) {
    if (isOperationSchema(exported)) operations.set(exported[2], operationOf(exported));
  }
  return operations;
}

function operationOf([, namespace, name, traits, inputReference, outputReference]: OperationSchema): Operation {
  const input = NormalizedSchema.of(inputReference);
  const output = NormalizedSchema.of(outputReference);
  const route = routeOf(namespace, traits, input);
  return { name, input, output, ...(route && { route }) };
}
