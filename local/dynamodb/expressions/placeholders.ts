import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { validationError } from "../errors.ts";
import { normaliseValue } from "../normalise.ts";

/** The expression parameters of a request. */
export interface ExpressionParameters {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

/** The `#names` and `:values` of one request, shared by its expressions; each must be used by one of them. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unused: Set<string>;
  readonly #attributes = new Set<string>();

  constructor(parameters: ExpressionParameters) {
    const values = Object.entries(parameters.ExpressionAttributeValues ?? {});
    this.#names = new Map(Object.entries(parameters.ExpressionAttributeNames ?? {}));
    this.#values = new Map(values.map(([key, value]) => [key, normalise(key, value)]));
    this.#unused = new Set([...this.#names.keys(), ...this.#values.keys()]);
  }

  name(placeholder: string): string | undefined {
    this.#unused.delete(placeholder);
    return this.#names.get(placeholder);
  }

  value(placeholder: string): AttributeValue | undefined {
    this.#unused.delete(placeholder);
    return this.#values.get(placeholder);
  }

  /** An expression speaks of this attribute of items. */
  noteAttribute(name: string): void {
    this.#attributes.add(name);
  }

  /** Attributes that the expressions read so far speak of: the first step of each path. */
  get attributes(): ReadonlySet<string> {
    return this.#attributes;
  }

  /** Throws if the request gave placeholders that none of its expressions used. `expressions`: those it had. */
  finish(expressions: readonly (string | undefined)[]): void {
    if (this.#unused.size === 0) return;
    const first = [...this.#unused][0] ?? "";
    const parameter = first.startsWith("#") ? "ExpressionAttributeNames" : "ExpressionAttributeValues";
    if (expressions.every((expression) => expression === undefined)) {
      throw validationError(`${parameter} can only be specified when using expressions`);
    }
    const keys = [...this.#unused].filter((key) => key.startsWith(first.charAt(0)));
    throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${keys.join(", ")}}`);
  }
}

function normalise(key: string, value: AttributeValue): AttributeValue {
  try {
    return normaliseValue(value);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw validationError(`ExpressionAttributeValues contains invalid value: ${problem} for key ${key}`);
  }
}
