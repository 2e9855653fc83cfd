import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectFinished, stateOf } from "../support/finished-masters.ts";
import { type Kubectl, kubectlOf } from "../support/kubectl.ts";
import { openProofCluster, type ProofCluster } from "../support/proof-cluster.ts";
import { eventually, memberOf } from "../support/scenario.ts";

const NAME = "outage.example.com";
const OUTAGE_MS = 12 * 60_000;
/** Auto Scaling pauses for minutes between launches that fail. */
const RETURN_MS = 12 * 60_000;

let cluster: ProofCluster;
let directory: string;
let kubectl: Kubectl;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  cluster = await openProofCluster(NAME);
  kubectl = await kubectlOf(cluster.scenario, NAME, directory);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function view() {
  return cluster.scenario.cluster(NAME);
}

test("F3: all masters gone and no capacity for 12 minutes in two zones: then each is labelled, tainted and finished", {
  timeout: OUTAGE_MS + RETURN_MS + 6 * 60_000,
}, async () => {
  const before = await view();
  await cluster.scenario.etcdctl(NAME, "put", "kept", "yes");
  for (const member of ["b", "c"]) await cluster.fault({ kind: "capacity", zone: memberOf(before, member).zone });
  for (const { instanceId } of before.members)
    await cluster.fault({ kind: "host", action: "terminate", instanceId: instanceId ?? "" });

  await delay(OUTAGE_MS);
  const during = await view();
  console.log(`F3: after ${OUTAGE_MS / 60_000} minutes: ${during.status}, ${during.reason}`);
  expect(during.members.filter(({ health }) => health === "healthy")).toEqual([]);
  expect(await stateOf(cluster, "a")).not.toContain("booted");
  await cluster.clearFaults();

  const since = Date.now();
  const after = await eventually(view, ({ status, quorum }) => status === "ACTIVE" && quorum.healthy === 3, RETURN_MS);
  console.log(`F3: whole ${Math.round((Date.now() - since) / 1000)} s after capacity was back`);
  await expectFinished(cluster, kubectl);
  expect(after.members.map(({ volumeId }) => volumeId)).toEqual(before.members.map(({ volumeId }) => volumeId));
  expect(await cluster.scenario.etcdctl(NAME, "get", "--print-value-only", "kept")).toBe("yes");
});
