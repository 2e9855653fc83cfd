import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import { resourceNotFound } from "./errors.ts";
import { Table } from "./table.ts";
import type { TableDefinition } from "./table-definition.ts";
import { areEqualItems, type Item } from "./values.ts";

/** One item changed, with the images that a stream of NEW_AND_OLD_IMAGES carries. */
export interface ItemChange {
  readonly tableName: string;
  readonly kind: "INSERT" | "MODIFY" | "REMOVE";
  readonly keys: Item;
  readonly oldImage?: Item;
  readonly newImage?: Item;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Every table of a local cloud, and who wants to know what changes in them. */
export class Store {
  readonly #context: CloudContext;
  readonly #tables = new Map<string, Table>();
  readonly #listeners = new Set<(change: ItemChange) => void>();

  constructor(context: CloudContext) {
    this.#context = context;
  }

  now(): number {
    return this.#context.clock.now();
  }

  /** By name or ARN. Throws `ResourceNotFoundException`, with `message` if the operation has its own words. */
  table(nameOrArn: string | undefined, message?: string): Table {
    const table = this.#tables.get(nameFrom(nameOrArn));
    if (!table) throw resourceNotFound(message);
    return table;
  }

  find(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  list(): Table[] {
    return [...this.#tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(definition: TableDefinition, createdAt = this.now()): Table {
    const { region, accountId } = this.#context;
    const { tableName } = definition;
    if (this.#tables.has(tableName)) {
      throw new AwsError("ResourceInUseException", `Table already exists: ${tableName}`);
    }
    const table = new Table(definition, `arn:aws:dynamodb:${region}:${accountId}:table/${tableName}`, createdAt);
    this.#tables.set(tableName, table);
    return table;
  }

  delete(table: Table): void {
    this.#tables.delete(table.name);
  }

  /** Stores `next` in place of `old`, and notifies the listeners unless nothing changed. */
  commit(table: Table, old: Item | undefined, next: Item | undefined): void {
    table.replace(old, next);
    const unchanged = old && next ? areEqualItems(old, next) : old === next;
    const image = next ?? old;
    if (unchanged || !image) return;
    const change: ItemChange = {
      tableName: table.name,
      kind: old ? (next ? "MODIFY" : "REMOVE") : "INSERT",
      keys: table.keyOf(image),
      ...(old && { oldImage: old }),
      ...(next && { newImage: next }),
      at: this.now(),
    };
    for (const listener of this.#listeners) listener(structuredClone(change));
  }

  onChange(listener: (change: ItemChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function nameFrom(nameOrArn = ""): string {
  return nameOrArn.split("/")[1] ?? nameOrArn;
}
