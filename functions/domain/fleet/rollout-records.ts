import * as z from "zod";
import type { Read } from "../api/output.ts";
import { EventViewSchema } from "../api/views.ts";
import { Strategy } from "./strategy.ts";

/** Fields of a spec with their values; null takes one back to its default. */
const Patch = z.record(z.string(), z.unknown());
export type Patch = Read<typeof Patch>;

/** A cluster of a roll-out. */
const RolloutCluster = z.looseObject({
  endpoint: z.string(),
  cluster: z.string(),
  /** Index of its stage in the strategy. */
  stage: z.number(),
  /** `soaking`: it has the change, and must stay healthy for a while. */
  state: z.enum(["waiting", "running", "soaking", "ok", "failed", "skipped"]),
  /** Rises with each retry: another attempt is another operation. */
  attempt: z.number(),
  /** Its change was sent to its endpoint. A running one of which it was not is sent again, under the same key. */
  sent: z.boolean(),
  /** The operation that changes it; null before it is sent, and if none was needed. */
  operation: z.string().nullable(),
  /** What is changed of this one, where that is not the roll-out's change. */
  patch: Patch.nullable(),
  /** The former values of what is changed. */
  from: Patch.nullable(),
  /** Why it waits, failed or was skipped. */
  reason: z.string().nullable(),
  startedAt: z.string().nullable(),
  /** Nodes that were ready before its change. */
  readyNodes: z.number().default(0),
  /** Until when it soaks. */
  soakUntil: z.string().nullable(),
  /** Since when its endpoint answers that it is busy. */
  busySince: z.string().nullable(),
  /** Since when it is not healthy although its operation has ended. */
  unhealthySince: z.string().nullable(),
  /** Its traffic was taken away, which has reached everybody by then; null: it has its traffic. */
  drainUntil: z.string().nullable().default(null),
});
export type RolloutCluster = Read<typeof RolloutCluster>;

export const ROLLOUT_STATES = [
  "pending",
  "running",
  "soaking",
  "waiting-approval",
  "waiting-check",
  "paused",
  "stopped",
  "done",
] as const;

/** One change, brought to the clusters of a fleet stage by stage. */
export const RolloutRecordSchema = z.looseObject({
  id: z.string().min(1),
  fleet: z.string().min(1),
  change: Patch,
  /** As it was when the roll-out began. */
  strategy: Strategy,
  state: z.enum(ROLLOUT_STATES),
  /** Why it is stopped, or what it waits for. */
  reason: z.string().nullable(),
  clusters: z.array(RolloutCluster),
  /** Stages that were approved. */
  approvals: z.array(
    z.looseObject({
      stage: z.number(),
      when: z.enum(["before", "after"]).default("before"),
      by: z.string(),
      at: z.string(),
    }),
  ),
  /** Results of checks, those that failed too. */
  checks: z
    .array(
      z.looseObject({
        stage: z.number(),
        when: z.enum(["before", "after"]),
        name: z.string(),
        passed: z.boolean(),
        /** Who reported it; null: its address was asked. */
        by: z.string().nullable(),
        at: z.string(),
        message: z.string().nullable(),
      }),
    )
    .default([]),
  /** The check that it waits for, since when, and what its address answered last. */
  check: z
    .looseObject({
      stage: z.number(),
      when: z.enum(["before", "after"]),
      name: z.string(),
      since: z.string(),
      answer: z.string().nullable(),
    })
    .nullable()
    .default(null),
  /** Since when nothing runs and nothing can begin. */
  blockedSince: z.string().nullable(),
  /** The roll-out that this one takes back. */
  rollbackOf: z.string().nullable(),
  startedAt: z.string(),
  /** When it was last looked at; null: not yet. */
  lookedAt: z.string().nullable().default(null),
  finishedAt: z.string().nullable(),
  updatedAt: z.string(),
  by: EventViewSchema.shape.by.unwrap(),
  /** Rises with each write: a write of an older picture is refused. */
  version: z.number(),
});
export type RolloutRecord = Read<typeof RolloutRecordSchema>;

/** Ended: nothing of it is looked at again. */
export function isEnded({ state }: Pick<RolloutCluster, "state">): boolean {
  return state === "ok" || state === "failed" || state === "skipped";
}

/** It holds its clusters, and is looked at each minute. One that was stopped is, until what runs has ended. */
export function isOpen({ state, clusters }: Pick<RolloutRecord, "state" | "clusters">): boolean {
  if (state === "done") return false;
  if (state !== "stopped") return true;
  return clusters.some((each) => each.state === "running" || each.state === "soaking" || isToRestore(each));
}

/** It is to have its traffic back. One that has failed gets none until it is retried, skipped or rolled back. */
export function isToRestore({ state, drainUntil }: RolloutCluster): boolean {
  return drainUntil !== null && state !== "running" && state !== "failed";
}
