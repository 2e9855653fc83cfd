import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { comparePositions, identityOf, type KeyNames, partText } from "./keys.ts";
import type { Item } from "./values.ts";

/** Items by partition: a table's own, or what an index shows of them (an index's key need not be unique). */
export class Collection {
  readonly key: KeyNames;
  readonly #tableKey: KeyNames;
  readonly #partitions = new Map<string, Map<string, Item>>();

  constructor(key: KeyNames, tableKey: KeyNames) {
    this.key = key;
    this.#tableKey = tableKey;
  }

  get(tableKey: Readonly<Item>): Item | undefined {
    return this.#partitions.get(partText(tableKey[this.key.hash]))?.get(identityOf(this.#tableKey, tableKey));
  }

  /** An item without the collection's key attributes is not part of it: indexes are sparse. */
  put(item: Item): void {
    const { hash, range } = this.key;
    if (item[hash] === undefined || (range !== undefined && item[range] === undefined)) return;
    const name = partText(item[hash]);
    const partition = this.#partitions.get(name) ?? new Map<string, Item>();
    this.#partitions.set(name, partition);
    partition.set(identityOf(this.#tableKey, item), item);
  }

  delete(item: Readonly<Item>): void {
    const name = partText(item[this.key.hash]);
    const partition = this.#partitions.get(name);
    partition?.delete(identityOf(this.#tableKey, item));
    if (partition?.size === 0) this.#partitions.delete(name);
  }

  /** The items of one partition in ascending order of the sort key. */
  partition(hashValue: AttributeValue): Item[] {
    return this.#sorted(this.#partitions.get(partText(hashValue))?.values() ?? []);
  }

  /** Every item, partition by partition. The order of partitions is stable but means nothing, as in AWS. */
  all(): Item[] {
    return this.#sorted([...this.#partitions.values()].flatMap((partition) => [...partition.values()]));
  }

  compare(a: Readonly<Item>, b: Readonly<Item>): number {
    return comparePositions(this.key, this.#tableKey, a, b);
  }

  #sorted(items: Iterable<Item>): Item[] {
    return [...items].sort((a, b) => this.compare(a, b));
  }
}
