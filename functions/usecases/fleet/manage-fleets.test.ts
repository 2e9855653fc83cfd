import { expect, test } from "vitest";
import { MemoryFleetStore } from "../../../test/support/fleets/memory-fleet-store.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { clusterView } from "../../../test/support/views.ts";
import { BadRequest, FleetExists, NotAllowed, RolloutConflict, SpecRejected } from "../../domain/cluster/errors.ts";
import { ownCluster } from "../../domain/fleet/endpoint-records.ts";
import { toFleetView } from "../../domain/fleet/fleet-view.ts";
import { createFleet, deleteFleet, type ManageDeps, planFleet, updateFleet } from "./manage-fleets.ts";
import { actOnRollout, beginRollout, planNewRollout, rollBack, type StartRequest } from "./manage-rollouts.ts";

const BY = { principal: "iam:ada", authMethod: "iam" as const, sourceIp: "192.0.2.1", userAgent: "test" };
const ADA = { name: "iam:ada", is: () => true };

function cluster(name: string, labels: Readonly<Record<string, string>>, change = {}) {
  const view = clusterView({ name });
  return { ...view, spec: { ...view.spec, name, labels, ...change } };
}

const CLUSTERS = [
  cluster("eu", { env: "prod" }),
  cluster("us", { env: "prod" }, { masterZones: ["us-west-2a"], backupIntervalMinutes: 0 }),
  cluster("dev", { env: "dev" }),
];

function newDeps(): ManageDeps & { readonly fleets: MemoryFleetStore; readonly clock: TestClock } {
  return { fleets: new MemoryFleetStore(), clock: new TestClock(), clusters: async () => CLUSTERS.map(ownCluster) };
}

function refs(...names: string[]) {
  return names.map((name) => ({ endpoint: "local", cluster: name }));
}

test("a fleet selects its clusters, has the worst of their statuses, and says what is against its policy", async () => {
  const policy = { masters: { minimum: 3 }, spread: { zones: 2 }, backup: { intervalMinutes: 60 } };
  const fleet = await createFleet(newDeps(), "prod", { selector: "env=prod", policy });

  const views = CLUSTERS.map((view) => (view.name === "us" ? { ...view, status: "DEGRADED" as const } : view));
  const view = toFleetView(fleet, views.map(ownCluster));
  expect({ status: view.status, counts: view.counts, oldest: view.oldestBackup }).toMatchObject({
    status: "DEGRADED",
    counts: { clusters: 2, byStatus: { DEGRADED: 1, ACTIVE: 1 }, violations: 3 },
    oldest: { at: null },
  });
  expect(view.clusters.map(({ name, violations }) => [name, violations])).toEqual([
    ["us", ["backups are off", "1 master, and 3 are asked for", "masters in 1 zone, and in 2 are asked for"]],
    ["eu", []],
  ]);
  expect(toFleetView(fleet, views.map(ownCluster), (name) => name === "eu").clusters.map(({ name }) => name)).toEqual([
    "eu",
  ]);
});

test("a listed cluster that is gone is shown as unknown, and never as healthy", async () => {
  const fleet = await createFleet(newDeps(), "both", { clusters: refs("eu", "us") });

  const view = toFleetView(fleet, CLUSTERS.slice(0, 1).map(ownCluster));
  expect(view.clusters.map(({ name, status }) => [name, status])).toEqual([
    ["us", "UNKNOWN"],
    ["eu", "ACTIVE"],
  ]);
});

test("the same request again is the same fleet, and all that is wrong is in one answer", async () => {
  const deps = newDeps();
  const fleet = await createFleet(deps, "prod", { selector: "env=prod" });
  deps.clock.advance(5000);

  expect(await createFleet(deps, "prod", { selector: "env=prod" })).toEqual(fleet);
  await expect(createFleet(deps, "prod", { selector: "env=dev" })).rejects.toThrow(FleetExists);
  await expect(createFleet(deps, "other", {})).rejects.toThrow("either a list of clusters or a selector");
  const wrong = createFleet(deps, "other", { clusters: refs("eu", "nowhere"), selector: "env==" });
  await expect(wrong).rejects.toThrow(BadRequest);
  await expect(wrong).rejects.toThrow(/either a list[\s\S]*there is no cluster nowhere/);
});

test("an update replaces what it names", async () => {
  const deps = newDeps();
  await createFleet(deps, "prod", { selector: "env=prod", policy: { masters: { minimum: 3 } } });

  const changed = await updateFleet(deps, "prod", { clusters: refs("dev") });
  expect(changed).toMatchObject({ selector: null, clusters: refs("dev"), policy: { masters: { minimum: 3 } } });
});

const START: StartRequest = { fleet: "prod", change: { nodeCount: 5 }, strategy: undefined, by: BY, admit: () => {} };

async function withFleet() {
  const deps = newDeps();
  await createFleet(deps, "prod", { selector: "env=prod", policy: { backup: { intervalMinutes: 60 } } });
  return deps;
}

test("a dry run says what a fleet would be, refuses what is wrong, and writes nothing", async () => {
  const deps = newDeps();
  const { selector } = await planFleet(deps, "prod", { selector: "env=prod" });
  expect({ selector, fleets: await deps.fleets.listFleets() }).toEqual({ selector: "env=prod", fleets: [] });
  await expect(planFleet(deps, "prod", { selector: "env in (" })).rejects.toThrow(BadRequest);

  const former = await createFleet(deps, "prod", { selector: "env=prod" });
  const next = await updateFleet(deps, "prod", { clusters: refs("eu") }, true);
  expect({ clusters: next.clusters, selector: next.selector }).toEqual({ clusters: refs("eu"), selector: null });
  expect(await deps.fleets.getFleet("prod")).toEqual(former);
});

test("two roll-outs never have a cluster in common, until the first is stopped", async () => {
  const deps = await withFleet();
  await createFleet(deps, "all", { clusters: refs("eu", "dev") });
  const first = await beginRollout(deps, { ...START, claim: undefined });

  const second = { ...START, fleet: "all", claim: undefined };
  await expect(beginRollout(deps, second)).rejects.toThrow(
    `roll-out ${first.id} of fleet prod is open, and has eu too`,
  );
  await expect(deleteFleet(deps, "prod")).rejects.toThrow(RolloutConflict);
  await actOnRollout(deps, first.id, { action: "stop" }, ADA);
  await beginRollout(deps, second);
  await expect(actOnRollout(deps, first.id, { action: "resume" }, ADA)).rejects.toThrow("has eu too");
});

test("the same request with its key is one roll-out", async () => {
  const deps = await withFleet();
  const claim = { key: "k", requestHash: "h" };

  const first = await beginRollout(deps, { ...START, claim });
  expect((await beginRollout(deps, { ...START, claim })).id).toBe(first.id);
});

test("what cannot be changed is refused once for all clusters that have it, with what worsens the policy", async () => {
  const deps = await withFleet();

  await expect(planNewRollout(deps, { ...START, change: { networkCidr: "10.0.0.0/16" } })).rejects.toThrow(
    /every address in the VPC is made from it at creation \(eu, us\)$/,
  );
  const worse = planNewRollout(deps, { ...START, change: { backupIntervalMinutes: 120 } });
  await expect(worse).rejects.toThrow(SpecRejected);
  await expect(worse).rejects.toThrow(
    "against the policy of the fleet: a backup each 120 minutes, and each 60 are asked for",
  );
  await expect(planNewRollout(deps, { ...START, change: {} })).rejects.toThrow("nothing is to be changed");
  const admit = () => {
    throw new NotAllowed("too large");
  };
  await expect(planNewRollout(deps, { ...START, admit })).rejects.toThrow("too large");
});

test("5.8.6: the strategy is copied: one that is edited while it runs changes nothing", async () => {
  const deps = await withFleet();
  const { id } = await beginRollout(deps, { ...START, claim: undefined });
  const stage = { name: "other", maxConcurrent: 9, maxFailures: 9, soakMinutes: 9, before: [], after: [] };
  await updateFleet(deps, "prod", { strategy: { stages: [stage] } });

  expect((await deps.fleets.getRollout(id)).strategy.stages.map(({ name }) => name)).toEqual(["all"]);
});

test("5.8.5: an approval without the role is refused", async () => {
  const deps = await withFleet();
  const gate = { gate: "approval" as const, by: "admin" as const };
  const stage = { name: "all", maxConcurrent: 1, maxFailures: 0, soakMinutes: 0, before: [gate], after: [] };
  const { id } = await beginRollout(deps, { ...START, strategy: { stages: [stage] }, claim: undefined });

  const operator = { name: "iam:eve", is: (role: string) => role === "operator" };
  await expect(actOnRollout(deps, id, { action: "approve", stage: "all" }, operator)).rejects.toThrow(NotAllowed);
});

test("a roll-back brings the former values to the clusters that were changed, once", async () => {
  const deps = await withFleet();
  const begun = await beginRollout(deps, { ...START, claim: undefined });
  const clusters = begun.clusters.map((each, index) =>
    index === 0 ? { ...each, state: "ok" as const, from: { nodeCount: 3 } } : each,
  );
  await deps.fleets.writeRollout({ ...begun, clusters, version: 2 }, begun);
  await expect(rollBack(deps, begun.id, BY)).rejects.toThrow("stop it first");
  await actOnRollout(deps, begun.id, { action: "stop" }, ADA);

  const back = await rollBack(deps, begun.id, BY);
  expect(back.clusters.map(({ cluster: name, patch }) => [name, patch])).toEqual([["eu", { nodeCount: 3 }]]);
  expect((await rollBack(deps, begun.id, BY)).id).toBe(back.id);
});
