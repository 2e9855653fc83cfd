import { compareValues, keyText, type TypeName, typeNames, typeOf } from "../values.ts";
import type { Operand, Predicate } from "./condition.ts";
import { describePath } from "./path.ts";

/** What is wrong with a predicate whatever item it meets; AWS refuses such requests before it looks at any item. */
export function checkPredicate(predicate: Predicate): string | undefined {
  switch (predicate.kind) {
    case "compare":
      return checkDistinct(predicate.operator, predicate.left, predicate.right);
    case "between":
      return checkBounds(predicate.lower, predicate.upper);
    case "function":
      return checkFunction(predicate.name, predicate.operands);
    case "in":
      return undefined;
  }
}

export function checkSizeOperand(operand: Operand): string | undefined {
  const type = literalType(operand);
  return type !== undefined && ["N", "BOOL", "NULL"].includes(type) ? incorrectType("size", type) : undefined;
}

function checkFunction(name: string, operands: readonly Operand[]): string | undefined {
  const [first, second] = operands;
  if (name === "attribute_exists" || name === "attribute_not_exists") {
    return first?.kind === "path"
      ? undefined
      : `Operator or function requires a document path; operator or function: ${name}`;
  }
  if (name === "attribute_type") return checkTypeName(second);
  if (first && second && name === "contains") return checkDistinct(name, first, second);
  if (name !== "begins_with") return undefined;
  const wrong = operands.map(literalType).find((type) => type !== undefined && type !== "S" && type !== "B");
  return wrong === undefined ? undefined : incorrectType(name, wrong);
}

function checkTypeName(operand: Operand | undefined): string | undefined {
  const type = operand && literalType(operand);
  if (operand?.kind !== "value" || operand.value.S === undefined) {
    return incorrectType("attribute_type", type ?? `{${typeNames.join(",")}}`);
  }
  const name = operand.value.S;
  if (typeNames.some((known) => known === name)) return undefined;
  return `Invalid attribute type name found; type: ${name}, valid types: {${typeNames.join(",")}}`;
}

function checkBounds(lower: Operand, upper: Operand): string | undefined {
  if (lower.kind !== "value" || upper.kind !== "value") return undefined;
  const bounds =
    `lower bound operand: AttributeValue: {${typeOf(lower.value)}:${keyText(lower.value)}}, ` +
    `upper bound operand: AttributeValue: {${typeOf(upper.value)}:${keyText(upper.value)}}`;
  if (typeOf(lower.value) !== typeOf(upper.value)) {
    return `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`;
  }
  return (compareValues(lower.value, upper.value) ?? 0) > 0
    ? `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`
    : undefined;
}

function checkDistinct(operator: string, left: Operand, right: Operand): string | undefined {
  if (left.kind !== "path" || right.kind !== "path") return undefined;
  const path = describePath(left.path);
  if (path !== describePath(right.path)) return undefined;
  const rule = "The first operand must be distinct from the remaining operands for this operator or function";
  return `${rule}; operator: ${operator}, first operand: ${path}`;
}

/** The type of an operand that is known without an item. */
function literalType(operand: Operand): TypeName | undefined {
  if (operand.kind === "size") return "N";
  return operand.kind === "value" ? typeOf(operand.value) : undefined;
}

function incorrectType(name: string, type: string): string {
  return `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`;
}
