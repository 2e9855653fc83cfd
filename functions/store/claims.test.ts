import { expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { findClaim } from "./claims.ts";
import type { Table } from "./keys.ts";
import { createClusterRecord } from "./operations.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
function hours(count: number) {
  return new Date(NOW.getTime() + count * 3_600_000);
}

function recordOf(name: string) {
  return {
    ...recoverRecord({ name, uid: name, region: "us-west-2", zones: [] }, NOW),
    operation: `create-${name}`,
  };
}

test("X4: a key stands for its operation for a day, for another request never, and then for a new one", async () => {
  await using dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table: Table = { name: "clusters", client: dynamodb.documents };
  const claim = { key: "k", requestHash: "h" };
  const another = { key: "k", requestHash: "other" };
  const create = (name: string, at: Date) => createClusterRecord(table, recordOf(name), `create-${name}`, claim, at);
  await create("one", NOW);

  expect(await findClaim(table, claim, hours(23))).toBe("create-one");
  await expect(findClaim(table, another, hours(23))).rejects.toMatchObject({ name: "IdempotencyMismatch" });
  expect(await create("two", hours(23))).toMatchObject({ id: "create-one" });
  expect(await findClaim(table, another, hours(25))).toBeUndefined();
  await create("two", hours(25));
  expect(await findClaim(table, claim, hours(26))).toBe("create-two");
});
