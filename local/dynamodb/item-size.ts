import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./values.ts";

/** 400 KB, names included. */
export const maximumItemBytes = 400 * 1024;

/** Bytes of an item by DynamoDB's rules: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemBytes(item: Readonly<Item>): number {
  return sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));
}

const collectionOverhead = 3;
const elementOverhead = 1;

function valueBytes(value: AttributeValue): number {
  const { S, N, B, L, M, SS, NS, BS } = value;
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return numberBytes(N);
  if (B !== undefined) return B.byteLength;
  if (SS !== undefined) return sum(SS.map((text) => Buffer.byteLength(text)));
  if (NS !== undefined) return sum(NS.map(numberBytes));
  if (BS !== undefined) return sum(BS.map((bytes) => bytes.byteLength));
  if (L !== undefined) return collectionOverhead + sum(L.map((element) => elementOverhead + valueBytes(element)));
  if (M !== undefined) return collectionOverhead + itemBytes(M) + elementOverhead * Object.keys(M).length;
  return 1;
}

/** About a byte for two significant digits, one more for the exponent, and one for the sign. */
function numberBytes(text: string): number {
  const digits = text.replace(/[-.]/g, "").replace(/^0+|0+$/g, "").length;
  return Math.ceil(digits / 2) + 1 + Number(text.startsWith("-"));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
