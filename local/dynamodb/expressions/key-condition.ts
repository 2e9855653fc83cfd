import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { validationError } from "../errors.ts";
import type { KeyNames } from "../keys.ts";
import { type Condition, type Operand, operandsOf, type Predicate } from "./condition.ts";

/** What a query asks of the keys: one partition, and perhaps a condition on the sort key. */
export interface KeyCondition {
  readonly hashValue: AttributeValue;
  readonly range?: Predicate;
}

/** Reads a parsed KeyConditionExpression against a key schema. Throws `ValidationException` in AWS's words. */
export function keyConditionOf(condition: Condition, key: KeyNames): KeyCondition {
  const byAttribute = new Map<string, Predicate>();
  for (const predicate of conjuncts(condition)) {
    const attribute = keyAttribute(predicate);
    if (byAttribute.has(attribute)) {
      throw validationError("KeyConditionExpressions must only contain one condition per key");
    }
    byAttribute.set(attribute, predicate);
  }
  const hash = byAttribute.get(key.hash);
  if (!hash) throw validationError(`Query condition missed key schema element: ${key.hash}`);
  const range = key.range === undefined ? undefined : byAttribute.get(key.range);
  if (byAttribute.size > 1 && (!range || byAttribute.size > 2)) {
    throw validationError(
      key.range === undefined
        ? "Query key condition not supported"
        : `Query condition missed key schema element: ${key.range}`,
    );
  }
  return { hashValue: hashValue(hash), ...(range && { range }) };
}

function conjuncts(condition: Condition): Predicate[] {
  switch (condition.kind) {
    case "and":
      return [...conjuncts(condition.left), ...conjuncts(condition.right)];
    case "or":
    case "not":
    case "in":
      throw invalidOperator(condition.kind);
    default:
      return [condition];
  }
}

function keyAttribute(predicate: Predicate): string {
  if (predicate.kind === "compare" && predicate.operator === "<>") throw invalidOperator("<>");
  if (predicate.kind === "function" && predicate.name !== "begins_with") throw invalidOperator(predicate.name);
  const operands = operandsOf(predicate);
  if (operands.some((operand) => operand.kind === "size")) {
    throw validationError("KeyConditionExpressions cannot contain nested operations");
  }
  const [path, second] = operands.flatMap(pathOf);
  if (second) {
    throw validationError(
      "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition",
    );
  }
  if (!path) throw validationError("Invalid condition in KeyConditionExpression: No key attribute specified");
  if (path.length > 1) throw validationError("KeyConditionExpressions cannot have conditions on nested attributes");
  return path[0];
}

function pathOf(operand: Operand) {
  return operand.kind === "path" ? [operand.path] : [];
}

function hashValue(predicate: Predicate): AttributeValue {
  const values = operandsOf(predicate).flatMap((operand) => (operand.kind === "value" ? [operand.value] : []));
  const [value] = values;
  if (predicate.kind !== "compare" || predicate.operator !== "=" || !value) {
    throw validationError("Query key condition not supported");
  }
  return value;
}

function invalidOperator(name: string): Error {
  return validationError(`Invalid operator used in KeyConditionExpression: ${name.toUpperCase()}`);
}
