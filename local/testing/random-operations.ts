import type { AttributeValue, DynamoDB, QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { seededRandom } from "./generate.ts";

/** One call, to be made of several implementations. */
export interface RandomOperation {
  readonly description: string;
  readonly send: (client: DynamoDB) => Promise<object>;
}

const TableName = "ttt";
const document = { M: { k: { N: "1" }, l: { L: [{ S: "a" }] } } };
const scalars: readonly AttributeValue[] = [
  ...["x", "xy", "z"].map((S) => ({ S })),
  ...["1", "2", "10", "-3", "1.5"].map((N) => ({ N })),
];
const documents: readonly AttributeValue[] = [{ L: [{ N: "1" }, { S: "x" }] }, document];
const others: readonly AttributeValue[] = [
  { SS: ["x", "y"] },
  { NS: ["1", "2"] },
  { BOOL: true },
  { NULL: true },
  { B: new Uint8Array([1, 2]) },
];
const paths = ["n", "m", "li", "s", "m.k", "li[0]", "m.l[0]", "q", "#r"];

/**
 * Random requests about few items, so that they meet. Left out is what dynalite gets wrong, to our knowledge: equality
 * of lists and of maps (it never holds), IN and order among lists and sets (it compares their spelling), `size` of a
 * value in the request; and transactions, which it lacks.
 */
export class RandomOperations {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  next(): RandomOperation {
    const kinds = [this.#put, this.#update, this.#update, this.#delete, this.#get, this.#query, this.#indexQuery];
    return this.#pick(kinds).call(this);
  }

  #put(): RandomOperation {
    const item = { ...this.#key(), n: { N: this.#pick(["1", "5"]) }, m: document, s: { SS: ["x", "y"] } };
    const withIndex = this.#maybe() ? { g: { S: this.#pick(["g1", "g2"]) } } : {};
    const condition = this.#maybe() ? { ConditionExpression: this.#condition() } : {};
    const request = {
      TableName,
      Item: { ...item, ...withIndex, li: { L: [{ N: "1" }, { S: "x" }] } },
      ...condition,
      ...this.#placeholders(Object.values(condition).join()),
      ReturnValues: this.#pick(["NONE", "ALL_OLD"] as const),
    };
    return operation("putItem", request, (client) => client.putItem(request));
  }

  #update(): RandomOperation {
    const condition = this.#maybe() ? { ConditionExpression: this.#condition() } : {};
    const UpdateExpression = this.#updateExpression();
    const request = {
      TableName,
      Key: this.#key(),
      UpdateExpression,
      ...condition,
      ...this.#placeholders([UpdateExpression, ...Object.values(condition)].join()),
      ReturnValues: this.#pick(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"] as const),
    };
    return operation("updateItem", request, (client) => client.updateItem(request));
  }

  #delete(): RandomOperation {
    const request = { TableName, Key: this.#key(), ReturnValues: "ALL_OLD" as const };
    return operation("deleteItem", request, (client) => client.deleteItem(request));
  }

  #get(): RandomOperation {
    const ProjectionExpression = this.#pick(["m.k, n", "li[0], #r", "pk, m.l[0]"]);
    const projection = this.#maybe() ? { ProjectionExpression, ...this.#placeholders(ProjectionExpression) } : {};
    const request = { TableName, Key: this.#key(), ConsistentRead: true, ...projection };
    return operation("getItem", request, (client) => client.getItem(request));
  }

  #query(): RandomOperation {
    const ranges = ["", " AND sk > :k", " AND begins_with(sk, :k)", " AND sk BETWEEN :k AND :k3"];
    const KeyConditionExpression = `pk = :p${this.#pick(ranges)}`;
    const filter = this.#maybe() ? { FilterExpression: this.#condition() } : {};
    const limit = this.#maybe() ? { Limit: this.#pick([1, 2, 5]) } : {};
    const request = {
      TableName,
      KeyConditionExpression,
      ...filter,
      ...this.#placeholders([KeyConditionExpression, ...Object.values(filter)].join()),
      ScanIndexForward: this.#maybe(),
      ...limit,
    };
    return operation("query", request, (client) => client.query(request));
  }

  #indexQuery(): RandomOperation {
    const request = {
      TableName,
      IndexName: "gs1",
      KeyConditionExpression: "g = :g",
      ExpressionAttributeValues: { ":g": { S: "g1" } },
    };
    return operation("query", request, async (client) => inAnyOrder(await client.query(request)));
  }

  #condition(depth = 0): string {
    const path = this.#pick(paths);
    const simple = [
      `attribute_exists(${path})`,
      `attribute_not_exists(${path})`,
      `${path} = :c`,
      `${path} <> :c`,
      `${path} < :w`,
      `${path} >= :w`,
      `begins_with(${path}, :x)`,
      `contains(${path}, :x)`,
      `size(${path}) > :one`,
      `${path} BETWEEN :one AND :ten`,
      `${path} IN (:w, :x)`,
      `attribute_type(${path}, :type)`,
    ];
    if (depth === 2 || this.#random() < 0.7) return this.#pick(simple);
    const [left, right] = [this.#condition(depth + 1), this.#condition(depth + 1)];
    return this.#pick([`(${left} AND ${right})`, `(${left} OR NOT ${right})`]);
  }

  #updateExpression(): string {
    return this.#pick([
      "SET n = :v",
      "SET n = if_not_exists(n, :one) + :one",
      "SET n = n - :ten",
      "SET li = list_append(li, :list)",
      "SET m.k = :v, q = :w",
      "SET li[1] = :v REMOVE q",
      "SET q = m ADD n :one",
      "SET #r = :v",
      ...["n", "m.k", "li[0]", "q", "absentee", "absentee.x"].map((path) => `REMOVE ${path}`),
      "ADD n :one",
      "ADD s :set",
      "DELETE s :set",
    ]);
  }

  #placeholders(expression: string) {
    const values: Record<string, AttributeValue> = {
      ":v": this.#pick([...scalars, ...others, ...documents]),
      ":c": this.#pick([...scalars, ...others]),
      ":w": this.#pick(scalars),
      ":x": { S: "x" },
      ":one": { N: "1" },
      ":ten": { N: "10" },
      ":type": { S: this.#pick(["S", "N", "L"]) },
      ":list": { L: [{ S: "q" }] },
      ":set": { SS: ["x", "w"] },
      ":p": { S: "a" },
      ":k": { S: this.#pick(["1", "2"]) },
      ":k3": { S: "3" },
      ":g": { S: "g1" },
    };
    const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(expression));
    return {
      ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
      ...(expression.includes("#r") && { ExpressionAttributeNames: { "#r": "size" } }),
    };
  }

  #key() {
    return { pk: { S: this.#pick(["a", "b"]) }, sk: { S: this.#pick(["1", "2", "3"]) } };
  }

  #maybe(): boolean {
    return this.#random() < 0.5;
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined) throw new Error("nothing to pick from");
    return choice;
  }
}

function operation(name: string, request: object, send: RandomOperation["send"]): RandomOperation {
  return { description: `${name} ${JSON.stringify(request)}`, send };
}

/** An index gives items with the same sort key in no particular order. */
function inAnyOrder({ Items = [], Count }: QueryCommandOutput): object {
  return {
    Count,
    Items: Items.toSorted((a, b) => ((a["pk"]?.S ?? "") < (b["pk"]?.S ?? "") ? -1 : 1)).toSorted(bySortKey),
  };
}

function bySortKey(a: Record<string, AttributeValue>, b: Record<string, AttributeValue>): number {
  return Number(a["sk"]?.S) - Number(b["sk"]?.S);
}
