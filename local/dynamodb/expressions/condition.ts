import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DocumentPath } from "./path.ts";

/** The syntax tree of ConditionExpression, FilterExpression and KeyConditionExpression. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly condition: Condition }
  | Predicate;

export type Predicate =
  | { readonly kind: "compare"; readonly operator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "between"; readonly operand: Operand; readonly lower: Operand; readonly upper: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: "function"; readonly name: ConditionFunction; readonly operands: readonly Operand[] };

export type Operand =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "size"; readonly of: Operand };

export const comparators = ["=", "<>", "<", "<=", ">", ">="] as const;
export type Comparator = (typeof comparators)[number];

/** The functions that are conditions by themselves, and how many operands each takes. `size` is an operand instead. */
export const conditionFunctions = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
} as const;
export type ConditionFunction = keyof typeof conditionFunctions;

export function isComparator(text: string): text is Comparator {
  return comparators.some((comparator) => comparator === text);
}

export function isConditionFunction(name: string): name is ConditionFunction {
  return Object.hasOwn(conditionFunctions, name);
}

/** The attributes that a condition looks at, without what is inside them. */
export function attributesIn(condition: Condition): string[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return [...attributesIn(condition.left), ...attributesIn(condition.right)];
    case "not":
      return attributesIn(condition.condition);
    default:
      return operandsOf(condition).flatMap(attributesOfOperand);
  }
}

export function operandsOf(predicate: Predicate): readonly Operand[] {
  switch (predicate.kind) {
    case "compare":
      return [predicate.left, predicate.right];
    case "between":
      return [predicate.operand, predicate.lower, predicate.upper];
    case "in":
      return [predicate.operand, ...predicate.candidates];
    case "function":
      return predicate.operands;
  }
}

function attributesOfOperand(operand: Operand): string[] {
  if (operand.kind === "size") return attributesOfOperand(operand.of);
  return operand.kind === "path" ? [operand.path[0]] : [];
}
