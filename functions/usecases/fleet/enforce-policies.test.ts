import { describe, expect, test } from "vitest";
import { MemoryFleetStore } from "../../../test/support/fleets/memory-fleet-store.ts";
import { names } from "../../../test/support/fleets/rollout-stage.ts";
import { SimulatedEndpoint } from "../../../test/support/fleets/simulated-endpoint.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import type { ClusterView } from "../../domain/api/views.ts";
import { ownCluster } from "../../domain/fleet/endpoint-records.ts";
import type { FleetPolicy } from "../../domain/fleet/fleet-records.ts";
import { enforcePolicies } from "./enforce-policies.ts";
import { createFleet, type ManageDeps, updateFleet } from "./manage-fleets.ts";

const ADA = { principal: "iam:ada", authMethod: "iam" as const, sourceIp: "192.0.2.1", userAgent: "cli" };
const HOURLY = { backup: { intervalMinutes: 60, drill: "weekly" }, enforce: ["backup"] } satisfies FleetPolicy;

/** A fleet of clusters that take backups each two hours and drill none, unless `specs` says otherwise. */
async function stage(policy: FleetPolicy, specs: Readonly<Record<string, Partial<ClusterView["spec"]>>>) {
  const clock = new TestClock();
  const endpoint = new SimulatedEndpoint(clock, Object.fromEntries(Object.keys(specs).map((name) => [name, {}])));
  for (const [name, spec] of Object.entries(specs)) {
    const view = endpoint.clusters.get(name);
    const slack = { backupIntervalMinutes: 120, drill: "off" as const };
    if (view) endpoint.clusters.set(name, { ...view, spec: { ...view.spec, ...slack, ...spec } });
  }
  const clusters = async () => (await endpoint.list()).map(ownCluster);
  const fleets = new MemoryFleetStore();
  const deps: ManageDeps = { fleets, clock, clusters };
  const sent: { cluster: string; key: string; by: string }[] = [];
  const watched = {
    list: () => endpoint.list(),
    get: (name: string) => endpoint.get(name),
    operation: (id: string) => endpoint.operation(id),
    update: (cluster: string, ...[patch, request]: TailOf<typeof endpoint.update>) => {
      sent.push({ cluster, key: request.key, by: `${request.by.principal} by ${request.by.userAgent}` });
      return endpoint.update(cluster, patch, request);
    },
  };
  const tick = async () => {
    endpoint.settle();
    await enforcePolicies({ fleets, clock, clusters, endpoints: new Map([["local", watched]]) });
    clock.advance(60_000);
  };
  await createFleet(deps, "prod", { selector: "!legacy", policy, policyBy: ADA });
  const specOf = (name: string) => {
    const { backupIntervalMinutes, drill } = endpoint.clusters.get(name)?.spec ?? {};
    return [backupIntervalMinutes, drill];
  };
  return { endpoint, fleets, deps, sent, tick, specOf, clock };
}
type TailOf<F> = F extends (first: string, ...rest: infer R) => unknown ? R : never;

describe("5.3: a policy that enforces backups", () => {
  test("changes settings that are against it, by ordinary changes in the name of who set it", async () => {
    const { tick, sent, specOf, endpoint } = await stage(HOURLY, { c001: {} });
    for (let minute = 0; minute < 5; minute++) await tick();

    expect(endpoint.changed).toEqual(["c001"]);
    expect(specOf("c001")).toEqual([60, "weekly"]);
    expect(sent).toEqual([
      { cluster: "c001", key: expect.stringMatching(/^policy-[0-9a-f]{40}$/), by: "iam:ada by policy of fleet prod" },
    ]);
  });

  test("leaves what is stricter, what is held, and what is not healthy", async () => {
    const { tick, sent, specOf, endpoint } = await stage(HOURLY, {
      strict: { backupIntervalMinutes: 15, drill: "weekly" },
      ...Object.fromEntries(names(30).map((name) => [name, { backupIntervalMinutes: 30, drill: "weekly" as const }])),
      held: {},
      ill: {},
    });
    for (const [name, change] of [
      ["held", { operation: "op-9" }],
      ["ill", { status: "DEGRADED" }],
    ] as const) {
      const view = endpoint.clusters.get(name);
      if (view) endpoint.clusters.set(name, { ...view, ...change });
    }
    await tick();

    expect([sent, specOf("strict")]).toEqual([[], [15, "weekly"]]);
  });

  test("turns backups on that are off, and asks for no drill where there are none", async () => {
    const off = { c001: { backupIntervalMinutes: 0 } };
    const on = await stage(HOURLY, off);
    const none = await stage({ backup: { drill: "weekly" }, enforce: ["backup"] }, off);
    for (const { tick } of [on, none]) await tick();

    expect([on.specOf("c001"), none.sent]).toEqual([[60, "weekly"], []]);
  });

  test("changes a tenth of the fleet at once", async () => {
    const { tick, sent } = await stage(HOURLY, Object.fromEntries(names(20).map((name) => [name, {}])));
    await tick();
    expect(sent.length).toBe(2);
    await tick();
    expect(sent.length).toBe(2);
    for (let minute = 0; minute < 60; minute++) await tick();
    expect(new Set(sent.map(({ cluster }) => cluster)).size).toBe(20);
    expect(sent.length).toBe(20);
  });

  test("changes nothing while a roll-out of the fleet is open, or one of another fleet has the cluster", async () => {
    const { tick, sent, fleets } = await stage(HOURLY, { c001: {}, c002: {} });
    fleets.registry = { version: 1, open: { "rollout-1": { fleet: "prod", clusters: [] } } };
    await tick();
    expect(sent).toEqual([]);

    fleets.registry = { version: 2, open: { "rollout-1": { fleet: "other", clusters: ["local/c001"] } } };
    await tick();
    expect(sent.map(({ cluster }) => cluster)).toEqual(["c002"]);
  });

  test("tries one that has failed again after an hour, under another key", async () => {
    const { tick, sent, endpoint } = await stage(HOURLY, { c001: {} });
    const { spec } = endpoint.clusters.get("c001") ?? {};
    for (let minute = 0; minute < 130; minute++) {
      const view = endpoint.clusters.get("c001");
      if (view && spec) endpoint.clusters.set("c001", { ...view, spec });
      await tick();
    }
    expect(endpoint.changed.length).toBe(new Set(sent.map(({ key }) => key)).size);
    expect(endpoint.changed.length).toBeGreaterThanOrEqual(2);
    expect(endpoint.changed.length).toBeLessThanOrEqual(4);
  });

  test("is nothing without a policy of backups, and without `enforce` nothing is changed", async () => {
    const { tick, sent, deps } = await stage({ backup: { intervalMinutes: 60 } }, { c001: {} });
    await tick();
    expect(sent).toEqual([]);
    const wrong = updateFleet(deps, "prod", { policy: { enforce: ["backup"] } });
    await expect(wrong).rejects.toThrow("the policy says nothing of backups, so there is nothing to enforce");
  });
});
