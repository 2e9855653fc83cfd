import { validationError } from "./errors.ts";
import { operandsOf } from "./expressions/condition.ts";
import type { KeyCondition } from "./expressions/key-condition.ts";
import { type KeyNames, type KeyTypes, namesOf } from "./keys.ts";
import { normaliseItem } from "./normalise.ts";
import type { SecondaryIndex, Table } from "./table.ts";
import { type Item, typeOf } from "./values.ts";

/** Throws unless the values that a key condition compares with have the types of the key. */
export function checkKeyValues(condition: KeyCondition, key: KeyNames, types: KeyTypes): void {
  const operands = condition.range ? operandsOf(condition.range) : [];
  const rangeValues = operands.flatMap((operand) => (operand.kind === "value" ? [operand.value] : []));
  const fits =
    typeOf(condition.hashValue) === types.get(key.hash) &&
    rangeValues.every((value) => typeOf(value) === types.get(key.range ?? ""));
  if (fits) return;
  throw validationError(
    "One or more parameter values were invalid: Condition parameter type does not match schema type",
  );
}

/** Where a page begins: the LastEvaluatedKey of the page before. Throws unless it is a key of the table and the index. */
export function startKey(
  table: Table,
  index: SecondaryIndex | undefined,
  key: Readonly<Item> | undefined,
): Item | undefined {
  if (key === undefined || Object.keys(key).length === 0) return undefined;
  const start = normaliseItem(key);
  const names = new Set([...namesOf(table.key), ...(index ? namesOf(index.collection.key) : [])]);
  const fits = [...names].every((name) => start[name] && typeOf(start[name]) === table.keyTypes.get(name));
  if (Object.keys(start).length === names.size && fits) return start;
  throw validationError("The provided starting key is invalid");
}
