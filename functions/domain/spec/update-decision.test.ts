import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import type { StepView } from "../api/views.ts";
import { findInFlightStep } from "../cluster/in-flight-steps.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import type { RestoreSource } from "../restore/restore-records.ts";
import type { SpecChange } from "./spec-change.ts";
import { matchesTag } from "./spec-tag.ts";
import { decideUpdate, statusAfter } from "./update-decision.ts";

function change(field: SpecChange["field"]): SpecChange {
  return { field, from: 1, to: 2, effect: "" };
}

const COUNT = [change("nodeCount")];

test.each<[ClusterRecord["status"], readonly string[], readonly SpecChange[], object]>([
  ["ACTIVE", [], [], { kind: "nothing" }],
  ["ACTIVE", [], COUNT, { kind: "change", operation: "scale", fields: ["nodeCount"] }],
  ["DEGRADED", [], COUNT, { kind: "change", operation: "scale", fields: ["nodeCount"] }],
  ["ACTIVE", ["nodeCount"], [], { kind: "change", operation: "scale", fields: ["nodeCount"] }],
  ["UPDATING", ["masterSize"], COUNT, { kind: "change", operation: "update", fields: ["masterSize", "nodeCount"] }],
  ["FAILED", [], [], { kind: "resume" }],
  ["CREATING", [], COUNT, { kind: "resume" }],
  ["DELETING", [], COUNT, { kind: "refuse" }],
])("a cluster that is %s with %j undone", (status, fields, changes, decision) => {
  const pending = fields.length === 0 ? null : { fields };

  expect(decideUpdate({ name: "ha", status, pending }, changes)).toMatchObject(decision);
});

test("what a failed deletion has left is not made whole again, only deleted", () => {
  const half = { name: "ha", status: "FAILED", pending: null, deleting: true } as const;

  expect(decideUpdate(half, [])).toMatchObject({ kind: "refuse", reason: expect.stringContaining("delete it again") });
});

const healthy = { member: "a", health: "healthy" } as const;
const ill = { member: "b", health: "unhealthy" } as const;

test.each([
  ["create", "SUCCEEDED", [healthy], "ACTIVE"],
  ["create", "FAILED", [healthy], "FAILED"],
  ["repair", "FAILED", [healthy], "DEGRADED"],
  ["delete", "SUCCEEDED", [], "DELETED"],
  ["delete", "FAILED", [healthy], "FAILED"],
  ["update", "SUCCEEDED", [healthy, ill], "DEGRADED"],
  ["update", "FAILED", [healthy], "ACTIVE"],
  ["scale", "FAILED", [healthy, ill], "DEGRADED"],
] as const)("after a %s that %s the cluster is as its masters are", (kind, status, members, expected) => {
  expect(statusAfter(kind, status, members).status).toBe(expected);
});

test.each([
  [undefined, true],
  ["*", true],
  ['"one"', true],
  ['"two", "one"', true],
  ['"two"', false],
  ['W/"one"', false],
])('If-Match %s of the spec "one": %s', (header, passes) => {
  expect(matchesTag(header, '"one"')).toBe(passes);
});

function step(status: StepView["status"]): StepView {
  return {
    ...{ name: "Create network", member: null, startedAt: "", finishedAt: null, message: null },
    status,
  };
}

const ended = { status: "FAILED" as const, finishedAt: "2026-11-22T10:00:00.000Z" };
const at = Date.parse("2026-11-22T10:00:30.000Z");

test.each([
  ["a step under way of a run that just failed", ended, "RUNNING", at, true],
  ["a step that ended", ended, "FAILED", at, false],
  ["a step that can no longer be alive", ended, "RUNNING", at + 60_000, false],
  ["a run that continues", { status: "RUNNING" as const, finishedAt: null }, "RUNNING", at, false],
] as const)("%s: waited for is %s", (_, operation, status, now, waited) => {
  const steps = { "Create network": step(status) };

  expect(findInFlightStep([{ ...operation, steps }], now) !== undefined).toBe(waited);
});

test("17.4: while a restore is open nothing else is changed", () => {
  const reasonOf = (from: RestoreSource) =>
    decideUpdate({ name: "ha", status: "DEGRADED", restoration: { ...restorationRecord(), from } }, COUNT);

  expect(reasonOf({ kind: "survivor", member: null })).toEqual({
    kind: "refuse",
    reason: "a restore of ha is not complete; `holdfast restore cluster ha --from-survivor --yes` continues it",
  });
  expect(reasonOf({ kind: "survivor", member: "b" })).toMatchObject({
    reason: expect.stringContaining("--from-survivor b --yes"),
  });
  expect(reasonOf({ kind: "backup", id: "2026-11-29T031502Z-4f1c" })).toMatchObject({
    reason: expect.stringContaining("--backup 2026-11-29T031502Z-4f1c --yes"),
  });
});

test("issue 18: no change begins while a migration of the masters is not complete", () => {
  const migration = { from: ["us-west-2a"], to: ["us-west-2b"], done: [], current: null, noRoll: false };

  expect(decideUpdate({ name: "ha", status: "ACTIVE", migration }, COUNT)).toEqual({
    kind: "refuse",
    reason:
      "a migration of ha is not complete; `holdfast migrate cluster ha --master-zones us-west-2b --yes` continues it",
  });
});

test.each([
  ["BackupUnusable", "ACTIVE"],
  ["BackupForeign", "ACTIVE"],
  ["RestoreFailed", "DEGRADED"],
] as const)("1.10.6: a restore that ends with %s leaves the cluster %s: has it stopped anything?", (error, status) => {
  const members = ["a", "b", "c"].map((member) => ({ member, health: "healthy" as const }));

  expect(statusAfter("restore", "FAILED", members, error).status).toBe(status);
});
