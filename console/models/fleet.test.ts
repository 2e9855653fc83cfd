import { describe, expect, test } from "vitest";
import { ENDPOINTS, WORLD } from "../../test/support/console/endpoint-fixtures.ts";
import { DONE, FLEET, RUNNING, STOPPED, WAITING } from "../../test/support/console/fleet-fixtures.ts";
import { byState, clusterMark, seenText, sinceText, unreachableOf } from "./endpoints.ts";
import { BLANK_FLEET, bodyOf, formOf, policyText } from "./fleet-form.ts";
import { canRollBack, cardLines, changeLines, columnsOf, offersOf } from "./rollout.ts";
import { patchOfWishes } from "./rollout-wish.ts";

function session(...actions: string[]) {
  return { principal: "iam:ada", grants: [{ actions, clusters: "*" }] };
}
const ADMIN = session("read", "change", "delete");
const OPERATOR = session("read", "change");

describe("a roll-out", () => {
  test("has a column a stage, with what needs a person first", () => {
    const [canary, rest] = columnsOf(STOPPED);

    expect(canary).toMatchObject({
      name: "canary",
      rules: "1 at once, stops at the first failure, then healthy for 1 h",
      progress: "1 of 2 changed, 1 failed",
      approval: null,
      waits: false,
    });
    expect(canary?.clusters.map(({ state }) => state)).toEqual(["failed", "ok"]);
    expect(rest).toMatchObject({ rules: "25% at once, 1 failure allowed", progress: "0 of 2 changed, 1 skipped" });
    expect(columnsOf(WAITING).map(({ approval, waits }) => [approval, waits])).toEqual([
      [null, false],
      ["needs an approval by an admin", true],
    ]);
    expect(columnsOf(RUNNING)[1]?.approval).toBe("approved by ada");
  });

  test("offers what fits its state and the caller's role, and nothing to a viewer", () => {
    const labels = (...asked: Parameters<typeof offersOf>) => offersOf(...asked).map(({ label }) => label);

    expect(labels(WAITING, ADMIN)).toEqual(["Approve rest", "Pause", "Stop"]);
    expect(labels(WAITING, OPERATOR)).toEqual(["Pause", "Stop"]);
    expect(labels(RUNNING, OPERATOR)).toEqual(["Pause", "Stop"]);
    expect(labels({ ...RUNNING, state: "paused" }, OPERATOR)).toEqual(["Resume", "Stop"]);
    expect(labels(STOPPED, OPERATOR)).toEqual(["Retry the failed", "Resume without the failed"]);
    expect(offersOf(STOPPED, OPERATOR)[1]?.body).toEqual({ action: "resume", skip: ["edge-singapore.example.com"] });
    expect([labels(DONE, ADMIN), labels(RUNNING, session("read"))]).toEqual([[], []]);
    const some = { principal: "iam:bob", grants: [{ actions: ["read", "change"], clusters: "dev-*" }] };
    expect(labels(RUNNING, some)).toEqual([]);
  });

  test("waits for the approval after a stage, too", () => {
    const [canary, rest] = WAITING.strategy.stages;
    if (!canary || !rest) throw new Error("the fixture has two stages");
    const strategy = { stages: [{ ...canary, after: [{ gate: "approval" as const, by: "admin" as const }] }, rest] };
    const pendingApproval = { stage: "canary", when: "after" as const, by: "admin" as const };
    const waiting = { ...WAITING, strategy, pendingApproval };

    expect(columnsOf(waiting)[0]).toMatchObject({
      approval: "needs an approval by an admin when it has ended",
      waits: true,
    });
    expect(offersOf(waiting, ADMIN)[0]?.body).toEqual({ action: "approve", stage: "canary" });
    expect(offersOf(waiting, OPERATOR)[0]?.label).toBe("Pause");
  });

  test("waits for a check by its name, and takes its result from who has the role", () => {
    const [canary, rest] = WAITING.strategy.stages;
    if (!canary || !rest) throw new Error("the fixture has two stages");
    const gate = { gate: "checks" as const, name: "smoke", by: "admin" as const };
    const pendingCheck = {
      ...gate,
      stage: "rest",
      when: "before" as const,
      since: "2026-11-30T12:00:00Z",
      answer: null,
    };
    const strategy = { stages: [canary, { ...rest, before: [gate] }] };
    const waiting = { ...WAITING, state: "waiting-check" as const, strategy, pendingCheck };

    expect(columnsOf(waiting)[1]).toMatchObject({ approval: "needs the check smoke", waits: true });
    expect(offersOf(waiting, ADMIN).slice(0, 2)).toEqual([
      { label: "smoke has passed", isMain: true, body: { action: "check", name: "smoke", passed: true } },
      { label: "smoke has failed", body: { action: "check", name: "smoke", passed: false } },
    ]);
    expect(offersOf(waiting, OPERATOR)[0]?.label).toBe("Pause");
    const { stage, when, name } = pendingCheck;
    const checks = [{ stage, when, name, passed: true, by: "iam:ada", at: pendingCheck.since, message: null }];
    expect(columnsOf({ ...waiting, checks })[1]?.approval).toBe("check smoke passed");
  });

  test("is rolled back when nothing of it is changing any more", () => {
    expect([DONE, STOPPED, RUNNING, WAITING].map(canRollBack)).toEqual([true, true, false, false]);
  });

  test("says what it changes, and of each cluster from what", () => {
    expect(changeLines({ nodeCount: 5, drill: null, labels: { env: "prod" } })).toEqual([
      "Node count 5",
      "Drill default",
      "Labels env=prod",
    ]);
    const [one] = RUNNING.clusters;
    expect(one && cardLines(RUNNING, one)).toEqual(["Node count 3 → 5"]);
    expect(one && cardLines({ ...RUNNING, rollbackOf: "rollout-1" }, one)).toEqual(["Node count 3"]);
  });

  test("takes fields with a value, as the kind of the field says", () => {
    const fields = [
      { name: "nodeCount", kind: "number" as const, description: "", required: false },
      { name: "sshAccess", kind: "list" as const, description: "", required: false },
    ];
    const wishes = [
      { field: "nodeCount", text: "5" },
      { field: "sshAccess", text: "10.0.0.0/8, 192.0.2.0/24" },
      { field: "nodeSize", text: "" },
      { field: "labels", text: "tier=2" },
    ];
    expect(patchOfWishes(wishes, fields)).toEqual({
      nodeCount: 5,
      sshAccess: ["10.0.0.0/8", "192.0.2.0/24"],
      labels: "tier=2",
    });
  });
});

describe("the form of a fleet", () => {
  test("reads a fleet and writes it again", () => {
    expect(bodyOf(formOf(FLEET))).toEqual({ selector: FLEET.selector, policy: FLEET.policy });
    const listed = formOf({ ...FLEET, selector: null });
    expect(listed.names).toBe("edge-singapore.example.com, old.example.com, prod.example.com, stage.example.com");
    expect(policyText(FLEET)).toBe("Kubernetes 1.36 or later, a backup each 1 h, a drill each week, 3 masters or more");
  });

  test("names clusters of other endpoints with them, and leaves out what is empty", () => {
    const form = { ...BLANK_FLEET, by: "names" as const, names: "eu, hub/us", masters: "three" };
    expect(bodyOf(form)).toEqual({
      clusters: ["eu", { endpoint: "hub", cluster: "us" }],
      policy: { masters: { minimum: "three" } },
    });
    expect(bodyOf(BLANK_FLEET)).toEqual({ policy: {} });
  });
});

describe("endpoints", () => {
  const NOW = Date.parse("2026-11-30T10:30:00Z");

  test("what does not answer is first, and says since when", () => {
    expect(ENDPOINTS.toSorted(byState).map(({ name }) => name)).toEqual(["asia", "new", "eu"]);
    const texts = ENDPOINTS.map((each) => {
      const seen = { ...each, lastSeenAt: each.lastSeenAt && "2026-11-30T10:29:18Z" };
      const lost = { ...seen, unreachableSince: each.unreachableSince && "2026-11-30T10:10:00Z" };
      return [each.name, seenText(lost, NOW), sinceText(lost, NOW)];
    });
    expect(texts).toEqual([
      ["eu", "42 s ago", "–"],
      ["asia", "42 s ago", "2026-11-30 10:10 UTC, for 20 min"],
      ["new", "never", "–"],
    ]);
  });

  test("a cluster of one that does not answer is unreachable, and one that is not there is unknown", () => {
    expect(WORLD.clusters.map(clusterMark).map(({ mark, word }) => `${mark} ${word}`)).toEqual([
      "⊘ Unreachable",
      "○ Unknown",
      "● Active",
    ]);
    expect(unreachableOf(ENDPOINTS)).toEqual(new Set(["asia"]));
  });
});
