import { Collection } from "./collection.ts";
import { validationError } from "./errors.ts";
import {
  checkIndexKey,
  checkItemKey,
  checkKey,
  identityOf,
  type KeyNames,
  type KeyTypes,
  keyOf,
  namesOf,
} from "./keys.ts";
import { normaliseItem } from "./normalise.ts";
import type { IndexDefinition, TableDefinition } from "./table-definition.ts";
import type { Item } from "./values.ts";

/** A global secondary index. It is up to date at once: the local cloud does not imitate the lag of real indexes. */
export interface SecondaryIndex {
  readonly definition: IndexDefinition;
  readonly collection: Collection;
  /** The attributes that the index carries; absent when it carries all. */
  readonly attributes?: ReadonlySet<string>;
}

/** One table: its items, and the indexes over them. Everything stored is normalised and never changed in place. */
export class Table {
  readonly createdAt: number;
  readonly arn: string;
  readonly key: KeyNames;
  readonly items: Collection;
  #definition: TableDefinition;
  #types: KeyTypes = new Map();
  #indexes: readonly SecondaryIndex[] = [];

  constructor(definition: TableDefinition, arn: string, createdAt: number) {
    this.arn = arn;
    this.createdAt = createdAt;
    this.key = keyNames(definition.keySchema);
    this.items = new Collection(this.key, this.key);
    this.#definition = definition;
    this.define(definition);
  }

  get definition(): TableDefinition {
    return this.#definition;
  }

  get name(): string {
    return this.#definition.tableName;
  }

  get indexes(): readonly SecondaryIndex[] {
    return this.#indexes;
  }

  get keyTypes(): KeyTypes {
    return this.#types;
  }

  /** Changes everything but the key schema, and builds the indexes again. */
  define(definition: TableDefinition): void {
    const { attributeDefinitions, globalSecondaryIndexes = [] } = definition;
    this.#definition = definition;
    this.#types = new Map(attributeDefinitions.map((attribute) => [attribute.AttributeName, attribute.AttributeType]));
    this.#indexes = globalSecondaryIndexes.map((index) => this.#build(index));
  }

  index(name: string): SecondaryIndex {
    const found = this.#indexes.find((index) => index.definition.IndexName === name);
    if (found) return found;
    throw validationError(`The table does not have the specified index: ${name}`);
  }

  /** A request's key, checked and normalised. */
  checkedKey(key: Readonly<Item> | undefined): Item {
    const normalised = normaliseItem(key ?? {});
    checkKey(this.key, this.#types, normalised);
    return normalised;
  }

  /** Throws unless the item could be stored. */
  checkItem(item: Readonly<Item>): void {
    checkItemKey(this.key, this.#types, item);
    for (const index of this.#indexes) {
      checkIndexKey(index.definition.IndexName, index.collection.key, this.#types, item);
    }
  }

  identity(item: Readonly<Item>): string {
    return identityOf(this.key, item);
  }

  keyOf(item: Readonly<Item>): Item {
    return keyOf(this.key, item);
  }

  /** Replaces `old` by `next` here and in every index. */
  replace(old: Readonly<Item> | undefined, next: Item | undefined): void {
    for (const collection of [this.items, ...this.#indexes.map((index) => index.collection)]) {
      if (old) collection.delete(old);
      if (next) collection.put(next);
    }
  }

  #build(definition: IndexDefinition): SecondaryIndex {
    const key = keyNames(definition.KeySchema);
    const collection = new Collection(key, this.key);
    for (const item of this.items.all()) collection.put(item);
    const { ProjectionType, NonKeyAttributes = [] } = definition.Projection;
    if (ProjectionType === "ALL") return { definition, collection };
    return {
      definition,
      collection,
      attributes: new Set([...namesOf(this.key), ...namesOf(key), ...NonKeyAttributes]),
    };
  }
}

function keyNames(schema: TableDefinition["keySchema"]): KeyNames {
  const nameOf = (type: string) => schema.find((element) => element.KeyType === type)?.AttributeName;
  const [hash, range] = [nameOf("HASH"), nameOf("RANGE")];
  if (hash === undefined) throw validationError("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  return { hash, ...(range !== undefined && { range }) };
}
