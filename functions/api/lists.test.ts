import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import type { EventView } from "../domain/api/views.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { addEvent } from "../store/events.ts";
import { keys, type Table } from "../store/keys.ts";
import { pageOfClusters, pageOfEvents, pageOfOperations } from "../store/lists.ts";
import { startOf } from "../store/operation-records.ts";
import { countRequest } from "../store/requests.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const NAMES = ["a", "a.example.com", "b-1", "b.example.com", "c"];
const all = { limit: 100, shows: () => true };

let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
let table: Table;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  const put = (Item: Record<string, unknown>) => table.client.send(new PutCommand({ TableName: table.name, Item }));
  for (const name of NAMES) {
    const record = { ...recoverRecord({ name, uid: name, region: "us-west-2", zones: [] }, NOW) };
    const status = name === "c" ? "FAILED" : "ACTIVE";
    await put({ ...keys.cluster(name), kind: "CLUSTER", name, record: { ...record, status } });
  }
  for (const second of [1, 2, 3, 4, 5]) {
    const at = new Date(NOW.getTime() + second * 1000);
    const operation = { ...startOf(`repair-${second}`, "a", "repair", at), ...(second === 2 && { status: "FAILED" }) };
    await put({ ...keys.operation(operation.id), record: operation });
    await put({ ...keys.clusterOperation("a", operation.startedAt, operation.id), id: operation.id });
    await addEvent(table, "a", event(at, second === 3 ? "master-lost" : "member-healthy", `repair-${6 - second}`));
  }
});
afterAll(() => dynamodb[Symbol.asyncDispose]());

function event(time: Date, type: string, operation: string): EventView {
  return {
    time: time.toISOString(),
    type,
    message: type,
    member: null,
    operation,
  };
}

/** A list page by page, through cursors, as callers read it. */
async function pages<Item>(read: (after: string | undefined) => Promise<{ items: readonly Item[]; next?: string }>) {
  const found: Item[][] = [];
  let after: string | undefined;
  do {
    const { items, next } = await read(after);
    found.push([...items]);
    after = next === undefined ? undefined : positionOf(cursorOf(next));
  } while (after !== undefined);
  return found;
}

test.each([
  [2, [["a", "a.example.com"], ["b-1", "b.example.com"], ["c"]]],
  [5, [NAMES, []]],
  [100, [NAMES]],
])("clusters come by name, %i a page, each once", async (limit, expected) => {
  const found = await pages((after) => pageOfClusters(table, { ...all, limit, after }));

  const names = found.map((page) => page.map(({ name }) => name));
  expect(names.filter((page) => page.length > 0)).toEqual(expected.filter((page) => page.length > 0));
});

test.each([
  [{ prefix: "b" }, ["b-1", "b.example.com"]],
  [{ prefix: "a.example.com" }, ["a.example.com"]],
  [{ prefix: "z" }, []],
  [{ status: "FAILED" as const }, ["c"]],
  [{ status: "FAILED" as const, prefix: "a" }, []],
  [{ prefix: "b", after: "zzz" }, []],
  [{ prefix: "b", after: "a" }, ["b-1", "b.example.com"]],
])("those that match %j", async (filter, expected) => {
  const { items } = await pageOfClusters(table, { ...all, ...filter });

  expect(items.map(({ name }) => name)).toEqual(expected);
});

test("a page of one that a filter leaves empty continues to what matches", async () => {
  const { items } = await pageOfClusters(table, { ...all, limit: 1, status: "FAILED" });

  expect(items.map(({ name }) => name)).toEqual(["c"]);
});

test("what a caller may not see is left out, without an end to the list", async () => {
  const found = await pages((after) =>
    pageOfClusters(table, { limit: 1, after, shows: (name) => name.startsWith("b") }),
  );

  expect(found.flat().map(({ name }) => name)).toEqual(["b-1", "b.example.com"]);
});

test("L2: where a page ends says nothing of clusters that the caller may not see", async () => {
  const ends = async (limit: number, shows: (name: string) => boolean) => {
    const found: (string | undefined)[] = [];
    let after: string | undefined;
    do {
      const { next } = await pageOfClusters(table, { limit, after, shows });
      found.push(next);
      after = next;
    } while (after !== undefined);
    return found;
  };

  expect(await ends(1, (name) => name.startsWith("a"))).toEqual(["a", undefined]);
  expect(await ends(1, (name) => name === "c")).toEqual([undefined]);
  expect(await ends(1, () => false)).toEqual([undefined]);
  const failed = await pageOfClusters(table, { ...all, limit: 1, status: "FAILED" });
  expect(failed).toMatchObject({ items: [{ name: "c" }] });
});

test("operations come newest first, page by page", async () => {
  const found = await pages((after) => pageOfOperations(table, "a", { limit: 2, after }));

  expect(found.map((page) => page.map(({ id }) => id)).filter((page) => page.length > 0)).toEqual([
    ["repair-5", "repair-4"],
    ["repair-3", "repair-2"],
    ["repair-1"],
  ]);
  const failed = await pages((after) => pageOfOperations(table, "a", { limit: 2, after, status: "FAILED" }));
  expect(failed.flat().map(({ id }) => id)).toEqual(["repair-2"]);
});

test("an event history comes oldest first, page by page, whatever the keys of its events", async () => {
  const found = await pages((after) => pageOfEvents(table, "a", { limit: 2, after }));

  expect(found.map((page) => page.map(({ operation }) => operation))).toEqual([
    ["repair-5", "repair-4"],
    ["repair-3", "repair-2"],
    ["repair-1"],
  ]);
  const late = await pageOfEvents(table, "a", { limit: 50, since: "2026-11-25T12:00:04.000Z" });
  expect(late.items.map(({ operation }) => operation)).toEqual(["repair-2", "repair-1"]);
  const lost = await pageOfEvents(table, "a", { limit: 50, type: "master-lost" });
  expect(lost.items.map(({ type }) => type)).toEqual(["master-lost"]);
});

test("a cursor that somebody made up is a place like any other", async () => {
  const after = positionOf("AAAA_-");

  expect((await pageOfClusters(table, { ...all, after })).items).toHaveLength(5);
  expect((await pageOfOperations(table, "a", { limit: 5, after })).items.length).toBeLessThanOrEqual(5);
});

test("each caller's requests of a minute are counted by themselves", async () => {
  const minute = new Date("2026-11-25T12:00:30Z");
  const counts = [
    await countRequest(table, "iam:a", minute),
    await countRequest(table, "iam:a", minute),
    await countRequest(table, "iam:b", minute),
    await countRequest(table, "iam:a", new Date("2026-11-25T12:01:00Z")),
  ];

  expect(counts).toEqual([1, 2, 1, 1]);
});
