import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { typeOf } from "../values.ts";
import { Cursor } from "./cursor.ts";
import { type DocumentPath, pathProblem } from "./path.ts";
import type { Placeholders } from "./placeholders.ts";

/** One change of an UpdateExpression. */
export type UpdateAction =
  | { readonly kind: "SET"; readonly path: DocumentPath; readonly value: UpdateOperand }
  | { readonly kind: "REMOVE"; readonly path: DocumentPath }
  | { readonly kind: "ADD" | "DELETE"; readonly path: DocumentPath; readonly value: AttributeValue };

export type UpdateOperand =
  | { readonly kind: "value"; readonly value: AttributeValue }
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "if_not_exists"; readonly path: DocumentPath; readonly otherwise: UpdateOperand }
  | { readonly kind: "list_append" | "+" | "-"; readonly left: UpdateOperand; readonly right: UpdateOperand };

const sections = ["SET", "REMOVE", "ADD", "DELETE"] as const;
type Section = (typeof sections)[number];

/** Parses an UpdateExpression. Throws `ValidationException`, also for paths that overlap. */
export function parseUpdate(source: string, placeholders: Placeholders): UpdateAction[] {
  const cursor = new Cursor(source, placeholders, "UpdateExpression");
  const actions: UpdateAction[] = [];
  const seen = new Set<Section>();
  do {
    const section = sections.find((name) => cursor.take(name));
    if (section === undefined) throw cursor.syntaxError();
    if (seen.has(section)) {
      throw cursor.invalid(`The "${section}" section can only be used once in an update expression;`);
    }
    seen.add(section);
    do actions.push(parseAction(section, cursor));
    while (cursor.take(","));
  } while (cursor.peek().kind !== "end");
  const problem = pathProblem(actions.map((action) => action.path));
  if (problem !== undefined) throw cursor.invalid(problem);
  return actions;
}

function parseAction(kind: Section, cursor: Cursor): UpdateAction {
  const path = cursor.readPath();
  if (kind === "REMOVE") return { kind, path };
  if (kind === "SET") {
    cursor.expect("=");
    return { kind, path, value: parseSum(cursor) };
  }
  const value = cursor.readValue();
  const isSet = value.SS !== undefined || value.NS !== undefined || value.BS !== undefined;
  if (isSet || (kind === "ADD" && value.N !== undefined)) return { kind, path, value };
  const type = longTypeNames[typeOf(value) ?? ""] ?? typeOf(value);
  const where = `operator: ${kind}, operand type: ${type}, typeSet: ALLOWED_FOR_${kind}_OPERAND`;
  throw cursor.invalid(`Incorrect operand type for operator or function; ${where}`);
}

const longTypeNames: Readonly<Record<string, string>> = {
  S: "STRING",
  N: "NUMBER",
  B: "BINARY",
  NULL: "NULL",
  BOOL: "BOOLEAN",
  L: "LIST",
  M: "MAP",
};

function parseSum(cursor: Cursor): UpdateOperand {
  const left = parseOperand(cursor);
  const kind = cursor.take("+") ? "+" : cursor.take("-") ? "-" : undefined;
  return kind === undefined ? left : checked(cursor, { kind, left, right: parseOperand(cursor) });
}

function parseOperand(cursor: Cursor): UpdateOperand {
  if (cursor.peek().kind === "value") return { kind: "value", value: cursor.readValue() };
  const name = cursor.functionAhead();
  if (name === undefined) return { kind: "path", path: cursor.readPath() };
  cursor.next();
  cursor.expect("(");
  const operand = parseCall(name, cursor);
  cursor.expect(")");
  return operand;
}

function parseCall(name: string, cursor: Cursor): UpdateOperand {
  if (name !== "if_not_exists" && name !== "list_append") {
    throw cursor.invalid(`Invalid function name; function: ${name}`);
  }
  const left = parseOperand(cursor);
  cursor.expect(",");
  const right = parseOperand(cursor);
  if (name === "list_append") return checked(cursor, { kind: name, left, right });
  if (left.kind === "path") return { kind: name, path: left.path, otherwise: right };
  throw cursor.invalid(`Operator or function requires a document path; operator or function: ${name}`);
}

/** Values that are given in the request are checked at once, before any item is looked at. */
function checked(cursor: Cursor, operation: Extract<UpdateOperand, { left: UpdateOperand }>): UpdateOperand {
  const wanted = operation.kind === "list_append" ? "L" : "N";
  for (const operand of [operation.left, operation.right]) {
    const type = operand.kind === "value" ? typeOf(operand.value) : wanted;
    if (type === wanted) continue;
    const where = `operator or function: ${operation.kind}, operand type: ${type}`;
    throw cursor.invalid(`Incorrect operand type for operator or function; ${where}`);
  }
  return operation;
}
