import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addDecimals } from "../decimal.ts";
import { validationError } from "../errors.ts";
import { elementsOf, type Item, typeOf } from "../values.ts";
import { child, type DocumentPath, parentAt, valueAt } from "./path.ts";
import type { UpdateAction, UpdateOperand } from "./update.ts";

/** The item after the update. Every operand is read from the item as it was; throws if one does not fit. */
export function applyUpdate(actions: readonly UpdateAction[], old: Readonly<Item>): Item {
  const updated: Item = structuredClone(old);
  const values = actions.map((action) => (action.kind === "SET" ? evaluate(action.value, old) : undefined));
  for (const [index, action] of actions.entries()) {
    const value = values[index];
    if (value) set(updated, action.path, structuredClone(value));
    else if (action.kind === "ADD") add(updated, action.path, action.value);
    else if (action.kind === "DELETE") subtract(updated, action.path, action.value);
  }
  remove(updated, actions);
  return updated;
}

function evaluate(operand: UpdateOperand, item: Readonly<Item>): AttributeValue {
  switch (operand.kind) {
    case "value":
      return operand.value;
    case "path":
      return existing(valueAt(item, operand.path));
    case "if_not_exists":
      return valueAt(item, operand.path) ?? evaluate(operand.otherwise, item);
    case "list_append": {
      const [left, right] = [evaluate(operand.left, item).L, evaluate(operand.right, item).L];
      if (left === undefined || right === undefined) throw incorrectType();
      return { L: [...left, ...right] };
    }
    default: {
      const [left, right] = [evaluate(operand.left, item).N, evaluate(operand.right, item).N];
      if (left === undefined || right === undefined) throw incorrectType();
      return { N: addDecimals(left, right, operand.kind === "+" ? 1 : -1) };
    }
  }
}

/** A position beyond a list's end appends to it, as AWS does. */
function set(item: Item, path: DocumentPath, value: AttributeValue): void {
  const { parent, last } = place(item, path);
  if (typeof last === "string") Object.assign(parent.M ?? {}, { [last]: value });
  else if (last < (parent.L?.length ?? 0)) parent.L?.splice(last, 1, value);
  else parent.L?.push(value);
}

function add(item: Item, path: DocumentPath, value: AttributeValue): void {
  const { parent, last } = place(item, path);
  const current = child(parent, last);
  if (current !== undefined && typeOf(current) !== typeOf(value)) throw incorrectType();
  if (value.N !== undefined) {
    set(item, path, { N: addDecimals(current?.N ?? "0", value.N, 1) });
    return;
  }
  const present = new Set(current ? elementsOf(current) : []);
  set(
    item,
    path,
    changeSet(current, value, (element) => !present.has(element)),
  );
}

function subtract(item: Item, path: DocumentPath, value: AttributeValue): void {
  const { parent, last } = place(item, path);
  const current = child(parent, last);
  if (current === undefined) return;
  if (typeOf(current) !== typeOf(value)) throw incorrectType();
  const unwanted = new Set(elementsOf(value));
  const left = changeSet(undefined, current, (element) => !unwanted.has(element));
  if (elementsOf(left).length > 0) set(item, path, left);
  else if (typeof last === "string") delete parent.M?.[last];
  else parent.L?.splice(last, 1);
}

/** `base` and those elements of `more` for which `isWanted`; both are sets of one type. */
function changeSet(
  base: AttributeValue | undefined,
  more: AttributeValue,
  isWanted: (element: string) => boolean,
): AttributeValue {
  if (more.SS !== undefined) return { SS: [...(base?.SS ?? []), ...more.SS.filter(isWanted)] };
  if (more.NS !== undefined) return { NS: [...(base?.NS ?? []), ...more.NS.filter(isWanted)] };
  const bytes = more.BS?.filter((element) => isWanted(Buffer.from(element).toString("base64"))) ?? [];
  return { BS: [...(base?.BS ?? []), ...bytes] };
}

/** Positions in lists mean the list as it was, so the last goes first. */
function remove(item: Item, actions: readonly UpdateAction[]): void {
  const places = actions.filter((action) => action.kind === "REMOVE").map((action) => place(item, action.path));
  places.sort((a, b) => Number(b.last) - Number(a.last) || 0);
  for (const { parent, last } of places) {
    if (typeof last === "number") parent.L?.splice(last, 1);
    else delete parent.M?.[last];
  }
}

function place(item: Item, path: DocumentPath): { parent: AttributeValue; last: string | number } {
  const found = parentAt(item, path);
  if (found) return found;
  throw validationError("The document path provided in the update expression is invalid for update");
}

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value) return value;
  throw validationError("The provided expression refers to an attribute that does not exist in the item");
}

function incorrectType(): Error {
  return validationError("An operand in the update expression has an incorrect data type");
}
