import { afterAll, beforeAll, expect, test } from "vitest";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { createHealing, type Healing } from "../support/healing.ts";
import { beginMigration, migrated } from "../support/migration.ts";
import { eventually, memberOf, type Scenario } from "../support/scenario.ts";

const NAME = "drain.example.com";
const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const CREATE = ["create", "cluster", "--zones", [A, B, C].join(","), "--master-zones", [A, B, C].join(",")];
const KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf";
/** As long as budgets are respected (functions/usecases/members/drain.ts). */
const DRAIN_MS = 300_000;
const LONG_MS = 900_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await createHealing([...CREATE, "--node-count", "1"], NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** A pod on that master, and a budget that never lets it go. */
async function runKeptPod(instanceId: string | null): Promise<void> {
  const metadata = { name: "web", namespace: "default", labels: { app: "web" } };
  const pod = {
    ...{ apiVersion: "v1", kind: "Pod", metadata },
    spec: { nodeName: instanceId, containers: [{ name: "web", image: "web" }] },
  };
  const budget = {
    ...{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name: "web", namespace: "default" } },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } },
  };
  for (const object of [pod, budget])
    await healing.onHost("a", `echo '${JSON.stringify(object)}' | ${KUBECTL} apply --server-side -f -`);
}

async function podsLeft(): Promise<string> {
  return (await healing.onHost("a", `${KUBECTL} get pods -n default -o name`)).trim();
}

async function cordoned(node: string | null): Promise<boolean> {
  return (await healing.onHost("a", `${KUBECTL} get node ${node} -o jsonpath='{.spec.unschedulable}'`)) === "true";
}

async function incompleteDrains(operation: string): Promise<string[]> {
  const events = await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema);
  return events
    .filter((event) => event.type === "drain-incomplete" && event.operation === operation)
    .map(({ message }) => message);
}

test("18: a master whose pod a disruption budget keeps waits, and goes as soon as the budget allows it", {
  timeout: LONG_MS,
}, async () => {
  const { instanceId } = memberOf(await healing.whole(), "c");
  await runKeptPod(instanceId);
  const operation = await beginMigration(scenario, healing.table, NAME, [A, B, A]);
  await eventually(
    () => cordoned(instanceId).catch(() => false),
    (isCordoned) => isCordoned,
    400_000,
  );
  // Evictions are refused meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  expect(await podsLeft()).toBe("pod/web");
  expect((await scenario.cluster(NAME)).status).toBe("UPDATING");

  await healing.onHost("a", `${KUBECTL} delete poddisruptionbudget web -n default`);
  const allowed = Date.now();
  const ended = await migrated(scenario, NAME, operation, LONG_MS);

  console.log(`${Math.round((Date.now() - allowed) / 1_000)} s after the budget was gone`);
  expect(ended.operation).toMatchObject({ status: "SUCCEEDED", error: null });
  expect(await podsLeft()).toBe("");
  expect(await incompleteDrains(operation)).toEqual([]);
});

test("18: a budget that never allows it holds a master up for five minutes; then it goes, and the event names the pod", {
  timeout: LONG_MS,
}, async () => {
  const { instanceId } = memberOf(await healing.whole(), "b");
  await runKeptPod(instanceId);
  const begun = Date.now();
  const operation = await beginMigration(scenario, healing.table, NAME, [A]);

  const { operation: ended, cluster } = await migrated(scenario, NAME, operation, LONG_MS);

  console.log(`three masters became one in ${Math.round((Date.now() - begun) / 1_000)} s`);
  expect(ended).toMatchObject({ status: "SUCCEEDED", error: null });
  expect(cluster).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 } });
  expect(Date.now() - begun).toBeGreaterThan(DRAIN_MS);
  expect(await incompleteDrains(operation)).toEqual([
    "Master b goes although it could not be drained: pods were not evicted within five minutes: default/web.",
  ]);
});
