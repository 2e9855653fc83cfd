import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compareDecimals } from "./decimal.ts";

export type Item = Record<string, AttributeValue>;

export const typeNames = ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"] as const;
export type TypeName = (typeof typeNames)[number];

/** The type of a value that has exactly one, as every value in the store does. */
export function typeOf(value: AttributeValue): TypeName | undefined {
  return typeNames.find((name) => value[name] !== undefined);
}

/** Deep equality as conditions see it: sets without order, numbers by value (they are stored in one spelling only). */
export function areEqual(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined || typeOf(a) !== typeOf(b)) return false;
  if (a.M !== undefined && b.M !== undefined) return areEqualItems(a.M, b.M);
  if (a.L !== undefined && b.L !== undefined) {
    const other = b.L;
    return a.L.length === other.length && a.L.every((value, index) => areEqual(value, other[index]));
  }
  const mine = elementsOf(a);
  const theirs = new Set(elementsOf(b));
  return mine.length === theirs.size && mine.every((element) => theirs.has(element));
}

export function areEqualItems(a: Readonly<Item>, b: Readonly<Item>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => areEqual(a[name], b[name]));
}

/** A scalar, or the elements of a set, as texts that are equal exactly if the values are. */
export function elementsOf(value: AttributeValue): string[] {
  const { S, N, B, BOOL, NULL, SS, NS, BS } = value;
  if (SS !== undefined) return SS;
  if (NS !== undefined) return NS;
  if (BS !== undefined) return BS.map(base64);
  if (B !== undefined) return [base64(B)];
  return [String(S ?? N ?? BOOL ?? NULL)];
}

/** A scalar's text for use as a key in maps. */
export function keyText(value: AttributeValue): string {
  return elementsOf(value)[0] ?? "";
}

/** Order within a type: texts by their UTF-8 bytes, numbers by value, bytes as unsigned. `undefined` if there is none. */
export function compareValues(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (a?.N !== undefined && b?.N !== undefined) return compareDecimals(a.N, b.N);
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
