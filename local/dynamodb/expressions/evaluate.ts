import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { areEqual, compareValues, elementsOf, type Item, keyText, typeOf } from "../values.ts";
import type { Comparator, Condition, ConditionFunction, Operand, Predicate } from "./condition.ts";
import { valueAt } from "./path.ts";

/** Does the condition hold for the item? Values of different types are never in order; missing ones equal nothing. */
export function isTrueFor(condition: Condition, item: Readonly<Item>): boolean {
  switch (condition.kind) {
    case "and":
      return isTrueFor(condition.left, item) && isTrueFor(condition.right, item);
    case "or":
      return isTrueFor(condition.left, item) || isTrueFor(condition.right, item);
    case "not":
      return !isTrueFor(condition.condition, item);
    default:
      return holds(condition, item);
  }
}

function holds(predicate: Predicate, item: Readonly<Item>): boolean {
  const value = (operand: Operand) => evaluate(operand, item);
  switch (predicate.kind) {
    case "compare":
      return compare(predicate.operator, value(predicate.left), value(predicate.right));
    case "between": {
      const operand = value(predicate.operand);
      return compare(">=", operand, value(predicate.lower)) && compare("<=", operand, value(predicate.upper));
    }
    case "in": {
      const operand = value(predicate.operand);
      return predicate.candidates.some((candidate) => areEqual(operand, value(candidate)));
    }
    case "function": {
      const [first, second] = predicate.operands.map(value);
      return callFunction(predicate.name, first, second);
    }
  }
}

function compare(operator: Comparator, a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (operator === "=") return areEqual(a, b);
  if (operator === "<>") return !areEqual(a, b);
  const order = compareValues(a, b);
  if (order === undefined) return false;
  if (order === 0) return operator === "<=" || operator === ">=";
  return order < 0 ? operator === "<" || operator === "<=" : operator === ">" || operator === ">=";
}

function callFunction(
  name: ConditionFunction,
  first: AttributeValue | undefined,
  second: AttributeValue | undefined,
): boolean {
  switch (name) {
    case "attribute_exists":
      return first !== undefined;
    case "attribute_not_exists":
      return first === undefined;
    case "attribute_type":
      return first !== undefined && typeOf(first) === second?.S;
    case "begins_with":
      return beginsWith(first, second);
    case "contains":
      return contains(first, second);
  }
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  if (value?.B === undefined || prefix?.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.length), prefix.B) === 0;
}

/** A text in a text, an element in a list, or a scalar in a set of its type. */
function contains(container: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (container === undefined || part === undefined) return false;
  if (container.S !== undefined) return part.S !== undefined && container.S.includes(part.S);
  if (container.B !== undefined) return part.B !== undefined && Buffer.from(container.B).includes(Buffer.from(part.B));
  if (container.L !== undefined) return container.L.some((element) => areEqual(element, part));
  const isSetOfType = typeOf(container) === `${typeOf(part)}S`;
  return isSetOfType && elementsOf(container).includes(keyText(part));
}

function evaluate(operand: Operand, item: Readonly<Item>): AttributeValue | undefined {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "path":
      return valueAt(item, operand.path);
    case "size": {
      const size = sizeOf(evaluate(operand.of, item));
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

/** Bytes of a text or binary, elements of anything that has them; scalars of other types have no size. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value?.S !== undefined) return Buffer.byteLength(value.S);
  if (value?.M !== undefined) return Object.keys(value.M).length;
  return (value?.B ?? value?.L ?? value?.SS ?? value?.NS ?? value?.BS)?.length;
}
