import { describe, expect, test } from "vitest";
import { clusterRecord, memberRecord } from "../../../test/support/steps/records.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { decideQuorumLoss, explainQuorumLoss, type LossFacts } from "./quorum-loss.ts";

const T0 = Date.parse("2026-11-29T12:00:00.000Z");
const MINUTE = 60_000;
const MEMBERS = ["a", "b", "c"].map((member) => memberRecord(member));
const POLICY = { "--restore-policy": "survivor" };

/** `volumes`: those that EC2 has. */
function facts({
  volumes = ["vol-a"],
  cluster = {},
  flags = POLICY,
  ...more
}: {
  volumes?: string[];
  cluster?: Partial<ClusterRecord>;
  flags?: Record<string, string>;
} & Partial<Pick<LossFacts, "members" | "heartbeats">> = {}): LossFacts {
  return {
    cluster: clusterRecord({ status: "DEGRADED", ...cluster }, flags),
    members: MEMBERS,
    volumes: new Map(volumes.map((id) => [id, null])),
    heartbeats: [],
    ...more,
  };
}

const SEEN = { volumes: ["vol-b", "vol-c"], firstAt: T0, againAt: null, operation: null };
const PROVEN = { ...SEEN, againAt: T0 + 2 * MINUTE };

describe("17.6: a restore that nobody asked for", () => {
  test("is off where the spec does not ask for it", () => {
    for (const flags of [{}, { "--restore-policy": "off" }])
      expect(decideQuorumLoss(facts({ flags, cluster: { quorumLoss: null } }), T0)).toEqual({ kind: "nothing" });
    expect(decideQuorumLoss(facts({ flags: {}, cluster: { quorumLoss: PROVEN } }), T0 + 60 * MINUTE)).toEqual({
      kind: "forget",
    });
  });

  test("needs EC2 to say twice, two minutes apart, that the volumes are gone", () => {
    expect(decideQuorumLoss(facts(), T0)).toEqual({ kind: "note", loss: SEEN });
    const seen = facts({ cluster: { quorumLoss: SEEN } });
    expect(decideQuorumLoss(seen, T0 + 119_000)).toEqual({ kind: "nothing" });
    expect(decideQuorumLoss(seen, T0 + 2 * MINUTE)).toEqual({ kind: "note", loss: PROVEN });
    // However long ago the first look was, the second one is still to be written down.
    expect(decideQuorumLoss(seen, T0 + 60 * MINUTE)).toMatchObject({ kind: "note" });
  });

  test("begins after ten minutes, and not before", () => {
    const proven = facts({ cluster: { quorumLoss: PROVEN } });

    expect(decideQuorumLoss(proven, T0 + 10 * MINUTE - 1)).toEqual({ kind: "nothing" });
    expect(decideQuorumLoss(proven, T0 + 10 * MINUTE)).toEqual({ kind: "restore", loss: PROVEN });
  });

  test("begins again with its times when a volume comes back, or another one goes", () => {
    const late = T0 + 30 * MINUTE;
    const cluster = { quorumLoss: PROVEN };

    expect(decideQuorumLoss(facts({ cluster, volumes: ["vol-a", "vol-b"] }), late)).toEqual({ kind: "forget" });
    expect(decideQuorumLoss(facts({ cluster, volumes: ["vol-b"] }), late)).toEqual({
      kind: "note",
      loss: { volumes: ["vol-a", "vol-c"], firstAt: late, againAt: null, operation: null },
    });
  });

  test("never begins while an operation holds the cluster, or one restore is open", () => {
    const held = facts({ cluster: { quorumLoss: PROVEN, operation: "repair-1" } });
    const open = facts({ cluster: { quorumLoss: PROVEN, restoration: { operation: "restore-1" } as never } });

    expect(decideQuorumLoss(held, T0 + 60 * MINUTE)).toEqual({ kind: "nothing" });
    expect(decideQuorumLoss(open, T0 + 60 * MINUTE)).toEqual({ kind: "forget" });
  });

  test.each(["CREATING", "DELETING", "DELETED", "FAILED"] as const)(
    "never begins for a cluster that is %s",
    (status) => {
      expect(decideQuorumLoss(facts({ cluster: { status, quorumLoss: PROVEN } }), T0 + 60 * MINUTE).kind).toBe(
        "forget",
      );
    },
  );

  test("is for a majority of volumes: one that is gone is a repair's", () => {
    expect(decideQuorumLoss(facts({ volumes: ["vol-a", "vol-b"] }), T0)).toEqual({ kind: "nothing" });
  });

  test("is from a survivor alone: without intact data a person chooses a backup", () => {
    const damaged = MEMBERS.map((each) =>
      each.member === "a" ? { ...each, damage: { volumeId: "vol-a", reason: "etcd ended itself" } } : each,
    );

    expect(decideQuorumLoss(facts({ volumes: [] }), T0)).toEqual({ kind: "nothing" });
    expect(decideQuorumLoss(facts({ members: damaged }), T0)).toEqual({ kind: "nothing" });
  });

  test("does not believe EC2 against a majority of members that commit", () => {
    const heartbeatsAt = (at: number) => ["a", "b"].map((member) => ({ member, healthy: true, at: at / 1000 }));
    const cluster = { quorumLoss: PROVEN };

    expect(decideQuorumLoss(facts({ cluster, heartbeats: heartbeatsAt(T0 + 10 * MINUTE) }), T0 + 10 * MINUTE)).toEqual({
      kind: "forget",
    });
    expect(decideQuorumLoss(facts({ cluster, heartbeats: heartbeatsAt(T0) }), T0 + 10 * MINUTE).kind).toBe("restore");
  });

  test("is tried once for one loss: what failed is a person's", () => {
    const tried = facts({ cluster: { quorumLoss: { ...PROVEN, operation: "restore-1" } } });

    expect(decideQuorumLoss(tried, T0 + 600 * MINUTE)).toEqual({ kind: "nothing" });
  });

  test("says in one line what was seen and what begins", () => {
    expect(explainQuorumLoss(MEMBERS, PROVEN)).toBe(
      "A majority of volumes is gone: vol-b of member b, vol-c of member c; EC2 said so at 2026-11-29T12:00:00.000Z and at 2026-11-29T12:02:00.000Z. A restore from the best of the members' data begins, since the spec has the restore policy survivor.",
    );
  });
});
