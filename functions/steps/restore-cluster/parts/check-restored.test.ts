import { expect, test } from "vitest";
import { NAME } from "../../../../test/support/steps/records.ts";
import { hosts, jobs, REQUEST, report, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import type { HostReport } from "../../../domain/restore/host-report.ts";
import { checkRestored } from "./check-restored.ts";

const env = { RESTORE_STATUS_DOCUMENT: "restore-status", RESTORED_DATA_DOCUMENT: "restored-data" };
const serving = { data: "restored", etcd: true, healthy: true, clusterId: "8" } as const;
const all = { a: report("a", serving), b: report("b", serving), c: report("c", serving) };

function stage(said: object, reports: Record<string, HostReport> = all) {
  const output = `${JSON.stringify({ clusterId: "8", revision: 1_000_000_100, keys: 50, ...said })}\n`;
  const findAnswer = async (_: string, instanceId: string) => ({ instanceId, ok: true, output, status: "Success" });
  return { store: storeOf(), env, aws: { ...hosts(reports), ...jobs({}), findAnswer } };
}

test("a new cluster with what the file has: clients may write from here on", async () => {
  const good = stage({});

  await run(checkRestored, good, REQUEST);

  expect(await good.store.getCluster(NAME)).toMatchObject({
    etcdClusterId: "8",
    restoration: { checked: true, serving: true },
  });
});

test.each([
  ["the former cluster id", { clusterId: "7" }, "7", "etcd has the former cluster id 7"],
  ["a revision that was used before", { revision: 100 }, "8", "etcd is at revision 100"],
  ["fewer keys", { keys: 49 }, "8", "etcd has 49 keys, and the file has 50"],
  ["two clusters", {}, "9", "the members serve different clusters: 8, 9, 8"],
])("%s: the restore fails before any API server starts", async (_, said, ofB, why) => {
  const ids = ofB === "7" ? { a: "7", b: "7", c: "7" } : { a: "8", b: ofB, c: "8" };
  const reports = Object.fromEntries(
    Object.entries(ids).map(([member, clusterId]) => [member, report(member, { ...serving, clusterId })]),
  );
  const wrong = stage(said, reports);

  await expect(run(checkRestored, wrong, REQUEST)).rejects.toThrow(why);
  expect((await wrong.store.getCluster(NAME)).restoration?.serving).toBe(false);
});
