import { describe, expect, test } from "vitest";
import type { HostReport } from "./host-report.ts";
import { readHostReport } from "./host-report.ts";
import { type InstanceFacts, type MemberRestoreFacts, planRestore, type RestoreFacts } from "./restore-plan.ts";

function report(member: string, change: Partial<HostReport> = {}): HostReport {
  return {
    ...{
      member,
      held: true,
      etcd: false,
      apiServer: false,
      ready: false,
      mounted: true,
      volumeId: `vol-${member}`,
      generation: 1,
    },
    ...{ data: "former", healthy: false, clusterId: null, freeKiB: 1_000_000, ...change },
  };
}

function host(
  member: string,
  change: Partial<HostReport> | null = {},
  more: Partial<InstanceFacts> = {},
): InstanceFacts {
  const said = change === null ? null : report(member, change);
  return { instanceId: `i-${member}`, afterHold: false, report: said, silentMs: 0, ...more };
}

function member(name: string, change: Partial<MemberRestoreFacts> = {}): MemberRestoreFacts {
  const facts = { attached: true, volumeLost: false, snapshotDone: false, generation: 2 };
  return { member: name, instances: [host(name)], ...facts, ...change };
}

function facts(members: readonly MemberRestoreFacts[], change: Partial<RestoreFacts> = {}): RestoreFacts {
  return { members, held: true, hasFile: true, checked: false, ...change };
}

/** All three alike. */
function all(change: Partial<HostReport>, more: Partial<MemberRestoreFacts> = {}): MemberRestoreFacts[] {
  return ["a", "b", "c"].map((name) => member(name, { instances: [host(name, change)], ...more }));
}

const SERVING: Partial<HostReport> = { held: false, etcd: true, apiServer: true, ready: true, healthy: true };
const RESTORED: Partial<HostReport> = { data: "restored", generation: 2 };
const DONE = { snapshotDone: true };

describe("in order", () => {
  test.each([
    ["nothing is held: volumes are put on hold first", facts(all(SERVING), { held: false }), { kind: "hold" }],
    ["etcd and API servers are stopped everywhere", facts(all(SERVING)), { kind: "stop", members: ["a", "b", "c"] }],
    ["of what is stopped, the data is kept", facts(all({})), { kind: "keep", members: ["a", "b", "c"] }],
    ["without a file, the survivor's data is taken first", facts(all({}), { hasFile: false }), { kind: "take" }],
    [
      "kept on the volume, the snapshot is still to be made",
      facts(all({ data: "kept" })),
      { kind: "keep", members: ["a", "b", "c"] },
    ],
    [
      "once it is kept, it is restored",
      facts(all({ data: "kept" }, DONE)),
      { kind: "restore", members: ["a", "b", "c"] },
    ],
    ["a fresh volume, too", facts(all({ data: "none" }, DONE)), { kind: "restore", members: ["a", "b", "c"] }],
    ["etcd starts when all are restored", facts(all(RESTORED, DONE)), { kind: "start-etcd", members: ["a", "b", "c"] }],
    [
      "etcd is waited for",
      facts(all({ ...RESTORED, etcd: true }, DONE)),
      { kind: "wait", reason: "the restored etcd of masters a, b, c does not commit yet" },
    ],
    [
      "etcd is checked before anybody can write",
      facts(all({ ...RESTORED, etcd: true, healthy: true }, DONE)),
      { kind: "check" },
    ],
    [
      "API servers start one after the other",
      facts(all({ ...RESTORED, etcd: true, healthy: true }, DONE), { checked: true }),
      { kind: "start-api", members: ["a"] },
    ],
    [
      "all serve the restored data",
      facts(all({ ...SERVING, ...RESTORED }, DONE), { checked: true }),
      { kind: "served" },
    ],
  ] as const)("%s", (_, given, wanted) => {
    expect(planRestore(given)).toMatchObject(wanted);
  });
});

describe("the barrier", () => {
  const stopped = member("a", DONE);
  test.each<[string, InstanceFacts[], object]>([
    ["an etcd runs", [host("b", { etcd: true })], { kind: "stop", members: ["b"] }],
    ["an API server runs", [host("b", { apiServer: true })], { kind: "stop", members: ["b"] }],
    ["nothing keeps etcd from starting", [host("b", { held: false })], { kind: "stop", members: ["b"] }],
    ["it is silent", [host("b", null, { silentMs: 179_999 })], { kind: "stop", members: ["b"] }],
    ["it is silent for three minutes", [host("b", null, { silentMs: 180_000 })], { kind: "terminate", members: ["b"] }],
    [
      "a former instance of it is silent, though the recorded one is stopped",
      [host("b"), host("b", null, { instanceId: "i-former", silentMs: 180_000 })],
      { kind: "terminate", members: ["b"] },
    ],
    [
      "one that was launched after the hold and whose old boot script started etcd",
      [host("b", { etcd: true, held: false }, { afterHold: true })],
      { kind: "stop", members: ["b"] },
    ],
  ])("holds while %s", (_, instances, wanted) => {
    for (const hasFile of [true, false])
      expect(planRestore(facts([stopped, member("b", { instances, ...DONE })], { hasFile }))).toMatchObject(wanted);
  });

  test("an etcd of before that comes back while others are restored stops everything again", () => {
    const back = member("b", { instances: [host("b", { etcd: true })], ...DONE });
    const restored = member("a", { instances: [host("a", { ...RESTORED, etcd: true })], ...DONE });

    expect(planRestore(facts([restored, back]))).toMatchObject({ kind: "stop", members: ["b"] });
  });

  test("one that was launched after the hold has nothing to say: it is waited for", () => {
    const booting = member("b", { instances: [host("b", null, { afterHold: true, silentMs: 600_000 })], ...DONE });

    expect(planRestore(facts([stopped, booting]))).toEqual({
      kind: "wait",
      reason: "waiting for master b to mount the volume",
    });
  });
});

test.each<[string, Partial<MemberRestoreFacts>]>([
  ["no instance", { instances: [] }],
  ["a volume that is lost", { volumeLost: true }],
  ["a volume that is not attached", { attached: false }],
])("a member with %s is provided for, before any data is changed", (_, change) => {
  const action = planRestore(facts([member("a"), member("b", change)]));

  expect(action).toMatchObject({ kind: "provide", members: ["b"] });
});

test("a report is the last line, and of the member that was asked", () => {
  const line = JSON.stringify(report("a"));

  expect(readHostReport("a", `noise\n${line}\n`)).toEqual(report("a"));
  expect(readHostReport("b", line)).toBeUndefined();
  expect(readHostReport("a", "no report")).toBeUndefined();
  expect(readHostReport("a", '{"member":"a"}')).toBeUndefined();
});
