import { describe, expect, test } from "vitest";
import { names, statesOf } from "../../../test/support/fleets/rollout-stage.ts";
import type { Fate } from "../../../test/support/fleets/simulated-endpoint.ts";
import { SimulatedHub } from "../../../test/support/fleets/simulated-hub.ts";
import { clusterView, operationView } from "../../../test/support/views.ts";
import { EndpointUnreachable, type HoldfastAnswer, type HoldfastRequest } from "../../aws/holdfast/api.ts";
import { joinHub, leaveHub } from "./manage-endpoints.ts";
import { hearEvent, refreshEndpoints } from "./refresh-endpoints.ts";
import { remoteEndpoint } from "./remote-endpoint.ts";

const BY = { principal: "iam:ada", authMethod: "iam" as const, sourceIp: "192.0.2.1", userAgent: "test" };
const STAGES = [
  { name: "canary", selector: "ring=canary", soakMinutes: 10 },
  { name: "early", selector: "ring=early" },
  { name: "rest", maxConcurrent: "50%" },
];

/** 200 clusters in 4 endpoints, in three rings. */
async function scale(fateOf?: (cluster: string, attempt: number) => Fate): Promise<SimulatedHub> {
  const hub = new SimulatedHub();
  const ring = (index: number) => (index < 5 ? "canary" : index < 50 ? "early" : "rest");
  const all = names(200).map((name, index) => [name, { ring: ring(index) }] as const);
  for (const [place, name] of ["a", "b", "c", "d"].entries())
    await hub.join(name, Object.fromEntries(all.filter((_, index) => index % 4 === place)), fateOf);
  await hub.tick();
  return hub;
}

test("5.8.1: 200 clusters in 4 endpoints and three stages, the 7th fails: the others are untouched, it is stopped and resumable", async () => {
  let isBroken = true;
  const hub = await scale((name) => ({ minutes: 2, end: name === "c007" && isBroken ? "refused" : "SUCCEEDED" }));
  await hub.start(...STAGES);

  const stopped = await hub.run();

  expect([stopped.state, statesOf(stopped)]).toEqual(["stopped", { ok: 6, failed: 1, waiting: 193 }]);
  // The 7th was refused: with it 194 are as they were.
  expect(hub.changed().toSorted()).toEqual(["a/c001", "a/c005", "b/c002", "b/c006", "c/c003", "d/c004"]);
  expect(stopped.reason).toBe("1 cluster of stage early failed; c007: it is refused");
  isBroken = false;
  await hub.ask({ action: "retry" });
  expect(statesOf(await hub.run())).toEqual({ ok: 200 });
  expect(hub.changed()).toHaveLength(200);
});

test("5.8.2: the hub is away for an hour in a stage: what runs has ended, the rest follows, nothing happens twice", async () => {
  const hub = await scale();
  await hub.start({ name: "all", maxConcurrent: 50 });
  await hub.tick();
  await hub.tick();
  hub.clock.advance(60 * 60_000);

  expect(statesOf(await hub.run())).toEqual({ ok: 200 });
  expect(new Set(hub.changed()).size).toBe(200);
  expect(hub.changed()).toHaveLength(200);
});

test("5.8.3: an endpoint is away: its clusters are unknown, nothing begins, and after half an hour it stops and says why", async () => {
  const hub = await scale();
  await hub.start({ name: "all", maxConcurrent: 4 });
  hub.away.add("b");
  // Whoever is asked next: the list is five minutes old.
  for (let minute = 0; minute < 6; minute++) await hub.tick();
  const before = hub.changed().length;

  const stopped = await hub.run();

  const unknown = (await hub.known()).filter(({ unknownSince }) => unknownSince !== null);
  expect(unknown.map(({ endpoint }) => endpoint)).toEqual(Array.from({ length: 50 }, () => "b"));
  expect(stopped.state).toBe("stopped");
  expect(stopped.reason).toMatch(/could not be sent for 30 minutes: its endpoint does not answer since 20/);
  expect(hub.changed().filter((ref) => ref.startsWith("b/"))).toEqual([]);
  expect(hub.changed().length - before).toBeLessThanOrEqual(4);
});

test("while nothing changes, an endpoint is asked for its list each five minutes, and nothing is written", async () => {
  const hub = await scale();
  const [asked, writes] = [hub.asked.length, hub.store.writes];
  for (let minute = 0; minute < 60; minute++) await hub.tick();

  expect(hub.asked.slice(asked)).toEqual(
    Array.from({ length: 12 }, () => ["a list", "b list", "c list", "d list"]).flat(),
  );
  expect(hub.store.writes).toBe(writes);
});

test("an endpoint that does not answer is asked by one request a minute, and for nothing else, until it does", async () => {
  const hub = new SimulatedHub();
  await hub.join("eu", { c001: {}, c002: {} });
  await hub.tick();
  await hub.start({ name: "all", maxConcurrent: 2 });
  await hub.tick();
  hub.away.add("eu");
  for (let minute = 0; minute < 6; minute++) await hub.tick();
  const asked = hub.asked.length;
  for (let minute = 0; minute < 10; minute++) await hub.tick();
  expect(hub.asked.slice(asked)).toEqual(Array.from({ length: 10 }, () => "eu list"));
  expect(await hub.store.getEndpoint("eu")).toMatchObject({ reason: "no answer within 5 seconds" });

  hub.away.delete("eu");
  expect(statesOf(await hub.run())).toEqual({ ok: 2 });
  expect(await hub.store.getEndpoint("eu")).toMatchObject({ unreachableSince: null, reason: null });
});

test("a hub that has not asked for a quarter of an hour knows nothing of its endpoints", async () => {
  const hub = new SimulatedHub();
  await hub.join("eu", { c001: {} });
  await hub.tick();
  hub.clock.advance(16 * 60_000);

  expect((await hub.known()).map(({ unknownSince }) => unknownSince === null)).toEqual([false]);
});

describe("events", () => {
  const EVENT = { account: "1".repeat(12), region: "eu-west-1", cluster: "c001" };

  test("of an endpoint have it asked, and what it says counts", async () => {
    const hub = new SimulatedHub();
    await hub.join("eu", { c001: {} });
    await hub.tick();
    hub.endpoints.get("eu")?.set("c001", { status: "DEGRADED" });

    await hearEvent(hub.hub, EVENT);

    expect((await hub.known()).map(({ view }) => view.status)).toEqual(["DEGRADED"]);
  });

  test("5.8.11: of no endpoint, or of a cluster that there is not, change nothing", async () => {
    const hub = new SimulatedHub();
    await hub.join("eu", { c001: {} });
    await hub.tick();
    const asked = hub.asked.length;

    await hearEvent(hub.hub, { ...EVENT, account: "9".repeat(12) });
    await hearEvent(hub.hub, { ...EVENT, region: "us-west-2" });
    expect(hub.asked).toHaveLength(asked);
    await hearEvent(hub.hub, { ...EVENT, cluster: "c666" });
    expect((await hub.known()).map(({ view }) => view.name)).toEqual(["c001"]);
  });
});

test("a cluster that is deleted leaves public names, and one that is no longer listed is forgotten", async () => {
  const hub = new SimulatedHub();
  await hub.join("eu", { c001: {}, c002: {} });
  await hub.tick();
  hub.endpoints.get("eu")?.set("c001", { status: "DELETING" });
  hub.endpoints.get("eu")?.clusters.delete("c002");

  await refreshEndpoints(hub.hub, ["eu"]);

  expect([hub.gone, (await hub.known()).map(({ view }) => view.name)]).toEqual([["eu/c001"], ["c001"]]);
});

test("to join again changes nothing, other settings replace the former, and who leaves is forgotten unless a roll-out is open", async () => {
  const hub = new SimulatedHub();
  await hub.join("eu", { c001: {} });
  await hub.tick();
  const { clock, fleets } = hub;
  const refresh = (known: readonly string[]) => refreshEndpoints(hub.hub, known);
  const deps = { endpoints: hub.store, fleets, clock, refresh };
  const { name, api, region, roleArn, joinedAt } = await hub.store.getEndpoint("eu");

  expect(await joinHub(deps, { name, api, region, roleArn })).toMatchObject({ joinedAt });
  expect(await joinHub(deps, { name, api: "https://new.example", region, roleArn })).toMatchObject({
    api: "https://new.example",
    version: "1.0.0",
  });
  await hub.start({ name: "all" });
  await expect(leaveHub(deps, "eu")).rejects.toThrow("roll-out rollout-1 is open");
  await hub.run();
  await leaveHub(deps, "eu");
  expect([await hub.known(), [...hub.store.mirror]]).toEqual([[], []]);
});

describe("the API of an endpoint", () => {
  const sent: HoldfastRequest[] = [];
  const answering = (status: number, document: unknown) =>
    remoteEndpoint(async (request): Promise<HoldfastAnswer> => {
      sent.push(request);
      return { status, document };
    });
  const problem = (type: string, status: number) => ({ type: `https://x/${type}`, title: "t", status, detail: "why" });
  const update = (status: number, document: unknown) =>
    answering(status, document).update("ha", { nodeCount: 5 }, { key: "k", by: { ...BY, principal: "iam:a\ndä" } });

  test.each<[string, number, unknown, unknown]>([
    ["an operation that was begun", 202, operationView({ id: "update-1" }), { kind: "started", operation: "update-1" }],
    ["nothing to do", 200, clusterView(), { kind: "unchanged" }],
    ["a busy cluster", 409, problem("cluster-busy", 409), { kind: "busy", reason: "why" }],
    ["not ready", 503, problem("not-ready", 503), { kind: "busy", reason: "why" }],
    ["too many requests", 429, problem("too-many-requests", 429), { kind: "busy", reason: "why" }],
    ["not allowed", 403, problem("forbidden", 403), { kind: "refused", reason: "why" }],
    ["a refused spec", 422, problem("spec-rejected", 422), { kind: "refused", reason: "why" }],
  ])("%s", async (_, status, document, expected) => {
    expect(await update(status, document)).toEqual(expected);
    expect(sent.at(-1)).toEqual({
      ...{ method: "PATCH", path: "/clusters/ha", body: { spec: { nodeCount: 5 } } },
      headers: { "idempotency-key": "k", "user-agent": "holdfast-hub for iam:a?d?" },
    });
  });

  test("what is no answer of a Holdfast is none, and is asked again", async () => {
    await expect(update(502, undefined)).rejects.toThrow(EndpointUnreachable);
    await expect(answering(200, { items: [{}] }).list()).rejects.toThrow("it does not answer as a Holdfast does");
    await expect(answering(500, {}).get("ha")).rejects.toThrow("it answered 500");
    await expect(answering(200, { items: [], nextCursor: "x" }).list()).rejects.toThrow("does not end");
    expect(await answering(404, {}).get("ha")).toBe(undefined);
  });
});
