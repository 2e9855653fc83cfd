import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import type { MemberHealth } from "../../domain/api/views.ts";
import { NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { evaluateCluster } from "../../domain/cluster/cluster-validation.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import { silent } from "../../domain/repair/member-report.ts";
import { specFromFlags } from "../../domain/spec/parse-spec.ts";
import { toClusterView } from "./views.ts";

const parsed = specFromFlags(flags({ zones: THREE_ZONES, "master-zones": THREE_ZONES }));
if (!parsed.ok) throw new Error("the spec was refused");
const { spec } = parsed;
const cluster: ClusterRecord = {
  name: "ha.example.com",
  uid: "uid",
  status: "ACTIVE",
  reason: null,
  spec,
  plan: planCluster(spec).plan,
  operation: null,
  leader: "b",
  nodes: [],
  createdAt: "2026-11-29T00:00:00.000Z",
  updatedAt: "2026-11-29T00:00:00.000Z",
};

const NOW = new Date("2026-11-29T00:01:00.000Z");

function membersOf(...healths: MemberHealth[]): MemberRecord[] {
  return healths.map((health, index) => ({
    member: ["a", "b", "c"][index] ?? "",
    volumeId: null,
    interfaceId: null,
    instanceId: null,
    generation: 1,
    health,
    observedAt: null,
  }));
}

test("18: a quorum is of those who vote: without a learner, and without whom etcd has no more", () => {
  const quorumOf = (...members: Partial<MemberRecord>[]) => {
    const healths = members.map(({ health = "healthy" }) => health);
    const records = membersOf(...healths).map((record, index) => ({ ...record, ...members[index] }));
    return toClusterView(cluster, records).quorum;
  };

  expect(quorumOf({}, { migrating: "joining", health: "pending" }, { migrating: "joining" })).toMatchObject({
    size: 1,
    healthy: 1,
    needed: 1,
  });
  expect(quorumOf({}, {}, { migrating: "leaving" })).toMatchObject({ size: 3, healthy: 3, needed: 2 });
  expect(quorumOf({}, {}, { migrating: "leaving", health: "unhealthy" })).toMatchObject({ size: 2, healthy: 2 });
});

test.each<[string, MemberHealth[], string | null]>([
  ["the member that led is healthy", ["healthy", "healthy", "healthy"], "b"],
  ["another is lost", ["unhealthy", "healthy", "healthy"], "b"],
  ["the leader is lost", ["healthy", "unhealthy", "healthy"], null],
  ["of the leader nothing is known", ["healthy", "unknown", "healthy"], null],
  ["there is no majority", ["unhealthy", "healthy", "unhealthy"], null],
])("R12: a leader is shown while somebody leads: %s", (_, healths, leader) => {
  expect(toClusterView(cluster, membersOf(...healths)).quorum.leader).toBe(leader);
});

test("1.8: a cluster without a drill for eight days is not valid, and says when one last passed", () => {
  const backup = { ...NO_BACKUPS, lastOkId: "2026-11-29T000000Z-4f1c", lastVerifiedAt: "2026-12-09T23:55:00.000Z" };
  const drilled = { ...backup, lastDrillOkAt: "2026-12-05T00:00:00.000Z", lastDrillOkId: backup.lastOkId };
  const later = new Date("2026-12-10T00:00:00.000Z");

  const [late, inTime, off] = [
    toClusterView({ ...cluster, backup }, [], [], later),
    toClusterView({ ...cluster, backup: drilled }, [], [], later),
    toClusterView({ ...cluster, backup, spec: { ...spec, drill: "off" } }, [], [], later),
  ];

  expect(evaluateCluster(late).reasons).toContain("no drill of a backup has passed for 11 days");
  expect(inTime.backup).toMatchObject({ drill: { schedule: "weekly", lastOkId: backup.lastOkId }, problems: [] });
  expect(off.backup).toMatchObject({ drill: { schedule: "off", lastOkAt: null }, problems: [] });
});

test("U5: a cluster whose etcd is healthy is not valid while an API server is not ready", () => {
  const answerOf = (member: string, apiServer: boolean) => ({ ...silent(member), healthy: true, apiServer });
  const answers = [answerOf("a", true), answerOf("b", false), silent("c")];
  const whole = { ...cluster, nodes: Array.from({ length: spec.nodeCount }, () => NODE) };

  const view = toClusterView(whole, membersOf("healthy", "healthy", "healthy"), answers, NOW);

  expect(view.members.map(({ apiServer }) => apiServer)).toEqual(["ready", "not-ready", undefined]);
  expect(evaluateCluster(view)).toEqual({ ok: false, reasons: ["API server not ready: b"] });
  expect(evaluateCluster(toClusterView(whole, membersOf("healthy", "healthy", "healthy"), [], NOW)).ok).toBe(true);
});

const NODE = { name: "i-1", zone: "us-west-2a", instanceId: "i-1", ready: true };
