import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { normaliseNumber } from "./decimal.ts";
import { validationError } from "./errors.ts";
import { elementsOf, type Item, typeNames } from "./values.ts";

/** A copy of what a caller sent, checked, with every number in the spelling in which it is stored. */
export function normaliseItem(item: Readonly<Item>): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, normaliseValue(value)]));
}

/** Throws `ValidationException` for what no table can store: no type or two, empty sets, duplicates, bad numbers. */
export function normaliseValue(value: AttributeValue): AttributeValue {
  const types = typeNames.filter((name) => value[name] !== undefined);
  if (types.length !== 1) {
    throw validationError(
      types.length === 0
        ? "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        : "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    );
  }
  if (value.N !== undefined) return { N: normaliseNumber(value.N) };
  if (value.L !== undefined) return { L: value.L.map(normaliseValue) };
  if (value.M !== undefined) return { M: normaliseItem(value.M) };
  if (value.NS !== undefined)
    return checkedSet({ NS: value.NS.map(normaliseNumber) }, "An number set  may not be empty");
  if (value.SS !== undefined) return checkedSet({ SS: [...value.SS] }, "An string set  may not be empty");
  if (value.BS !== undefined) return checkedSet({ BS: [...value.BS] }, "Binary sets should not be empty");
  if (value.NULL === false) throw invalidValue("Null attribute value types must have the value of true");
  return structuredClone(value);
}

function checkedSet(value: AttributeValue, whenEmpty: string): AttributeValue {
  const elements = elementsOf(value);
  if (elements.length === 0) throw invalidValue(whenEmpty);
  if (new Set(elements).size === elements.length) return value;
  throw value.NS === undefined
    ? invalidValue(`Input collection [${elements.join(", ")}] contains duplicates.`)
    : validationError("Input collection contains duplicates");
}

function invalidValue(problem: string): Error {
  return validationError(`One or more parameter values were invalid: ${problem}`);
}
