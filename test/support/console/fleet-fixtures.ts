import { FLEET_EXAMPLE, ROLLOUT_EXAMPLE } from "../../../functions/domain/api/fleet-examples.ts";
import type { FleetView } from "../../../functions/domain/api/fleet-views.ts";
import type { RolloutView } from "../../../functions/domain/api/rollout-views.ts";
import { ago, HOSTILE_TEXTS } from "./fixtures.ts";

const [known] = FLEET_EXAMPLE.clusters;
if (!known) throw new Error("the example has no cluster");

/** Of some size, with one that is unhealthy and one that is against the policy. */
export const FLEET: FleetView = {
  ...FLEET_EXAMPLE,
  status: "DEGRADED",
  policy: {
    kubernetes: { minimum: "1.36" },
    backup: { intervalMinutes: 60, drill: "weekly" },
    masters: { minimum: 3 },
  },
  counts: { clusters: 4, byStatus: { DEGRADED: 1, ACTIVE: 3 }, byVersion: { "1.36.2": 3, "1.35.9": 1 }, violations: 2 },
  monthlyCost: 1418.2,
  clusters: [
    { ...known, name: "edge-singapore.example.com", status: "DEGRADED", problems: ["a majority of masters is lost"] },
    {
      ...known,
      name: "old.example.com",
      kubernetesVersion: "1.35.9",
      violations: ["Kubernetes 1.35.9 is below 1.36", "drills of backups are off"],
      lastBackupAt: ago(40_000),
    },
    { ...known, name: "prod.example.com", lastBackupAt: ago(240) },
    { ...known, name: "stage.example.com", lastBackupAt: ago(900) },
  ],
};

type Entry = RolloutView["clusters"][number];

function entry(name: string, stage: string, state: Entry["state"], more: Partial<Entry> = {}): Entry {
  const idle = state === "waiting" || state === "skipped";
  return {
    ...{ endpoint: "local", name, stage, state, attempt: 1, reason: null, soakUntil: null },
    operation: idle ? null : "scale-01kb0v3j6z8f6c3w9m2n4p5q7r",
    from: idle ? null : { nodeCount: 3 },
    ...more,
  };
}

function counts(clusters: readonly Entry[]): RolloutView["counts"] {
  const groups = [...Map.groupBy(clusters, ({ state }) => state)];
  return Object.fromEntries(groups.map(([state, { length }]) => [state, length]));
}

const stage = { maxConcurrent: 1, maxFailures: 0, soakMinutes: 0, before: [], after: [] };

function rollout(id: string, more: Partial<RolloutView> & Pick<RolloutView, "clusters">): RolloutView {
  return {
    ...ROLLOUT_EXAMPLE,
    id: `rollout-01kb0v3j6z8f6c3w9m2n4p5${id}`,
    change: { nodeCount: 5 },
    strategy: {
      stages: [
        { ...stage, name: "canary", selector: "ring=canary", soakMinutes: 60 },
        { ...stage, name: "rest", maxConcurrent: "25%", maxFailures: 1, before: [{ gate: "approval", by: "admin" }] },
      ],
    },
    counts: counts(more.clusters),
    startedAt: ago(4_000),
    ...more,
  };
}

export const WAITING = rollout("aaa", {
  state: "waiting-approval",
  reason: "stage rest waits for an approval by an admin",
  clusters: [
    entry("stage.example.com", "canary", "ok"),
    entry("prod.example.com", "rest", "waiting"),
    entry("old.example.com", "rest", "waiting", { reason: "it has no verified backup" }),
  ],
});

export const STOPPED = rollout("bbb", {
  state: "stopped",
  reason: `1 cluster of stage canary failed; edge-singapore.example.com: ${HOSTILE_TEXTS[0]}`,
  clusters: [
    entry("edge-singapore.example.com", "canary", "failed", {
      reason: "EC2 has no capacity for t3.medium",
      attempt: 2,
    }),
    entry("stage.example.com", "canary", "ok"),
    entry("prod.example.com", "rest", "waiting"),
    entry("old.example.com", "rest", "skipped", { reason: "skipped by iam:ada" }),
  ],
});

export const RUNNING = rollout("ccc", {
  state: "running",
  reason: null,
  approvals: [{ stage: "rest", by: "iam:arn:aws:iam::111122223333:user/ada", at: ago(900) }],
  clusters: [
    entry("stage.example.com", "canary", "ok"),
    entry("prod.example.com", "rest", "running"),
    entry("old.example.com", "rest", "soaking", { soakUntil: ago(-600) }),
    entry("edge-singapore.example.com", "rest", "waiting"),
  ],
});

export const DONE = rollout("ddd", {
  state: "done",
  reason: null,
  finishedAt: ago(100_000),
  startedAt: ago(190_000),
  clusters: [entry("stage.example.com", "canary", "ok"), entry("prod.example.com", "rest", "ok")],
});

/** Before it begins. */
export const PLANNED = rollout("eee", {
  state: "pending",
  reason: null,
  clusters: [
    entry("stage.example.com", "canary", "waiting"),
    entry("prod.example.com", "rest", "waiting"),
    entry("edge-singapore.example.com", "rest", "waiting"),
  ],
});

export const ROLLOUTS: readonly RolloutView[] = [RUNNING, WAITING, STOPPED, DONE];

/** What a roll-out is after a request. */
export function afterAction(former: RolloutView, action: string): RolloutView {
  if (action === "pause") return { ...former, state: "paused", reason: null };
  if (action === "stop") return { ...former, state: "stopped", reason: "stopped by iam:ada" };
  return { ...former, state: "running", reason: null };
}
