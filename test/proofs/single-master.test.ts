import { expect, test } from "vitest";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { startLedger } from "../support/consistency/ledger.ts";
import { untilWhole } from "../support/consistency/nemesis.ts";
import { watchInvariants } from "../support/invariants/watcher.ts";
import { memberOf, startScenario } from "../support/scenario.ts";

const NAME = "single.example.com";

test("a single master is replaced with its data; its downtime is the whole repair", async () => {
  await using scenario = await startScenario();
  const create = ["create", "cluster", "--zones", "us-west-2a", "--master-zones", "us-west-2a", "--node-count", "1"];
  expect(await scenario.holdfast(...create, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
  const before = memberOf(await scenario.cluster(NAME), "a");
  const endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
  await using watcher = watchInvariants(scenario, NAME, endpoints);
  await using ledger = startLedger(endpoints, watcher.acknowledged);
  await untilWhole({ scenario, cluster: NAME, watcher }, []);

  const begun = Date.now();
  await scenario.terminate(before.instanceId ?? "");
  const healed = await untilWhole({ scenario, cluster: NAME, watcher }, [before.instanceId ?? ""]);

  const { stdout } = await scenario.holdfast("get", "events", NAME);
  const [reported = ""] = /etcd had no quorum for [0-9.]+ s/.exec(stdout) ?? [];
  console.log(reported);
  console.log(`whole after ${Date.now() - begun} ms; no write for ${ledger.maxGapSince(begun)} ms`);
  expect(reported).not.toBe("");
  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
  expect(memberOf(healed, "a").address).toBe(before.address);
  expect(ledger.acknowledged).toBeGreaterThan(10);
  await ledger.stop();
  await watcher.finish();
  expect(watcher.violations()).toEqual([]);
});
