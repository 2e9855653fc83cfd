import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { roomyAccount } from "../../../test/support/steps/roomy-account.ts";
import { run } from "../../../test/support/steps/stage.ts";
import { ClusterExists, NotAllowed, SpecOutdated, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { planChange, type Wish } from "./plan-change.ts";

const WISH: Wish = { cluster: NAME, patch: { document: { nodeCount: 5 } }, ifMatch: undefined, admit: () => {} };

function plan(change: Partial<Wish> = {}, record: Partial<ClusterRecord> = {}) {
  const store = new MemoryStore(clusterRecord(record));
  const aws = roomyAccount(["us-west-2a", "us-west-2b", "us-west-2c"]);
  return { store, planned: run(planChange, { store, aws }, { ...WISH, ...change }) };
}

test("a dry run of a change says what the cluster would be, and writes nothing", async () => {
  const { store, planned } = plan();
  const before = await store.getCluster(NAME);

  const { spec, plan: planOf } = await planned;
  expect({ count: spec.nodeCount, members: planOf.members.map(({ name }) => name) }).toEqual({
    count: 5,
    members: before.plan.members.map(({ name }) => name),
  });
  expect(await store.getCluster(NAME)).toEqual(before);
  expect(store.eventTypes()).toEqual([]);
});

test("it is refused for what the change would be refused for", async () => {
  const document = { networkCidr: "10.0.0.0/16" };
  await expect(plan({ patch: { document } }).planned).rejects.toThrow(SpecRejected);
  await expect(plan({ ifMatch: '"another"' }).planned).rejects.toThrow(SpecOutdated);
  await expect(plan({}, { deleting: true, status: "FAILED" }).planned).rejects.toThrow(ClusterExists);
  const admit = () => {
    throw new NotAllowed("no");
  };
  await expect(plan({ admit }).planned).rejects.toThrow(NotAllowed);
});

test("no change at all, and labels alone, need no look at the account", async () => {
  const store = new MemoryStore(clusterRecord());
  const planned = async (document: Record<string, unknown>) => {
    const { spec } = await run(planChange, { store, aws: roomyAccount([]) }, { ...WISH, patch: { document } });
    return spec.labels;
  };

  expect(await planned({})).toBeUndefined();
  expect(await planned({ labels: { env: "prod" } })).toEqual({ env: "prod" });
});
