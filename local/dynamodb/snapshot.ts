import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import type { Store } from "./store.ts";
import { tableDefinition } from "./table-definition.ts";

type StoredValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { L: StoredValue[] }
  | { M: Record<string, StoredValue> }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] };

/** Values in JSON: bytes as base64, as on the wire. */
const storedValue: z.ZodType<StoredValue> = z.lazy(() =>
  z.union([
    z.strictObject({ S: z.string() }),
    z.strictObject({ N: z.string() }),
    z.strictObject({ B: z.string() }),
    z.strictObject({ BOOL: z.boolean() }),
    z.strictObject({ NULL: z.literal(true) }),
    z.strictObject({ L: z.array(storedValue) }),
    z.strictObject({ M: z.record(z.string(), storedValue) }),
    z.strictObject({ SS: z.array(z.string()) }),
    z.strictObject({ NS: z.array(z.string()) }),
    z.strictObject({ BS: z.array(z.string()) }),
  ]),
);
const storedTable = z.object({
  definition: tableDefinition,
  createdAt: z.number(),
  items: z.array(z.record(z.string(), storedValue)),
});
const snapshot = z.object({ tables: z.array(storedTable) });

/** Everything in the store as JSON. */
export function takeSnapshot(store: Store): z.infer<typeof snapshot> {
  return {
    tables: store.list().map((table) => ({
      definition: table.definition,
      createdAt: table.createdAt,
      items: table.items.all().map((item) => mapValues(item, toStored)),
    })),
  };
}

/** Fills an empty store with what `takeSnapshot` returned. Throws if it is something else. */
export function restoreSnapshot(store: Store, restored: unknown): void {
  for (const { definition, createdAt, items } of snapshot.parse(restored).tables) {
    const table = store.create(definition, createdAt);
    for (const item of items) table.replace(undefined, mapValues(item, fromStored));
  }
}

function toStored(value: AttributeValue): StoredValue {
  if (value.B !== undefined) return { B: toBase64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toBase64) };
  if (value.L !== undefined) return { L: value.L.map(toStored) };
  if (value.M !== undefined) return { M: mapValues(value.M, toStored) };
  return storedValue.parse(value);
}

function fromStored(value: StoredValue): AttributeValue {
  if ("B" in value) return { B: fromBase64(value.B) };
  if ("BS" in value) return { BS: value.BS.map(fromBase64) };
  if ("L" in value) return { L: value.L.map(fromStored) };
  if ("M" in value) return { M: mapValues(value.M, fromStored) };
  return value;
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
