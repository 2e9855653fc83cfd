import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { validationError } from "./errors.ts";
import { compareValues, type Item, keyText, typeOf } from "./values.ts";

/** The attributes that make a key: of a table, or of an index. */
export interface KeyNames {
  readonly hash: string;
  readonly range?: string;
}

/** Types of key attributes, as the table's AttributeDefinitions give them. */
export type KeyTypes = ReadonlyMap<string, string>;

const mismatch = "The provided key element does not match the schema";
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const maximumHashBytes = 2048;
const maximumRangeBytes = 1024;

export function namesOf(key: KeyNames): string[] {
  return key.range === undefined ? [key.hash] : [key.hash, key.range];
}

/** The key attributes alone. */
export function keyOf(key: KeyNames, item: Readonly<Item>): Item {
  const own: Item = {};
  for (const name of namesOf(key)) {
    const value = item[name];
    if (value) own[name] = value;
  }
  return own;
}

/** A text that identifies an item in its table. */
export function identityOf(key: KeyNames, item: Readonly<Item>): string {
  return JSON.stringify(namesOf(key).map((name) => partText(item[name])));
}

export function partText(value: AttributeValue | undefined): string {
  return value === undefined ? "" : keyText(value);
}

/** The order of items: by partition, by sort key, and, as index keys need not be unique, by the table's key. */
export function comparePositions(key: KeyNames, tableKey: KeyNames, a: Readonly<Item>, b: Readonly<Item>): number {
  const byHash = compareTexts(partText(a[key.hash]), partText(b[key.hash]));
  if (byHash !== 0) return byHash;
  const byRange = key.range === undefined ? 0 : (compareValues(a[key.range], b[key.range]) ?? 0);
  return byRange || (key === tableKey ? 0 : compareTexts(identityOf(tableKey, a), identityOf(tableKey, b)));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Throws unless `key` has exactly the key's attributes, in their types, none of them empty. */
export function checkKey(names: KeyNames, types: KeyTypes, key: Readonly<Item>): void {
  const wanted = namesOf(names);
  const fits = wanted.every((name) => key[name] !== undefined && typeOf(key[name]) === types.get(name));
  if (Object.keys(key).length !== wanted.length || !fits) throw validationError(mismatch);
  checkLengths(names, key);
}

/** Throws unless the item has the table's key. */
export function checkItemKey(names: KeyNames, types: KeyTypes, item: Readonly<Item>): void {
  for (const name of namesOf(names)) {
    const value = item[name];
    const type = types.get(name);
    const invalid = "One or more parameter values were invalid:";
    if (!value) throw validationError(`${invalid} Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw validationError(`${invalid} Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
  }
  checkLengths(names, item);
}

function checkLengths(names: KeyNames, item: Readonly<Item>): void {
  for (const name of namesOf(names)) {
    const value = item[name];
    const bytes = value?.S === undefined ? value?.B?.length : Buffer.byteLength(value.S);
    if (bytes === 0) {
      const kind = value?.S === undefined ? "binary" : "string";
      throw validationError(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
      );
    }
    const maximum = name === names.hash ? maximumHashBytes : maximumRangeBytes;
    const which = name === names.hash ? "hashkey" : "rangekey";
    if (bytes !== undefined && bytes > maximum) {
      throw validationError(
        `One or more parameter values were invalid: Size of ${which} has exceeded the maximum size limit of${maximum} bytes`,
      );
    }
  }
}

/** Throws if an attribute that is an index's key has another type, or is empty; it may be absent. */
export function checkIndexKey(indexName: string, names: KeyNames, types: KeyTypes, item: Readonly<Item>): void {
  for (const name of namesOf(names)) {
    const value = item[name];
    const type = types.get(name);
    if (value && typeOf(value) !== type) {
      throw validationError(
        `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${indexName}`,
      );
    }
    if (value?.S === "" || value?.B?.length === 0) {
      const kind = value.S === undefined ? "binary" : "string";
      throw validationError(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value. IndexName: ${indexName}, IndexKey: ${name}`,
      );
    }
  }
}
