import * as z from "zod";
import { RolloutRecordSchema } from "../fleet/rollout-records.ts";
import type { Read } from "./output.ts";

const record = RolloutRecordSchema.shape;
const cluster = record.clusters.element.shape;

/** A roll-out, with those of its clusters that the caller may read. */
export const RolloutViewSchema = z.looseObject({
  id: record.id,
  fleet: record.fleet,
  state: record.state,
  /** Why it is stopped, or what it waits for. */
  reason: record.reason,
  change: record.change,
  strategy: record.strategy,
  /** How many clusters are in which state. */
  counts: z.record(z.string(), z.number()),
  clusters: z.array(
    z.looseObject({
      endpoint: cluster.endpoint,
      name: cluster.cluster,
      /** Name of its stage. */
      stage: z.string(),
      state: cluster.state,
      attempt: cluster.attempt,
      operation: cluster.operation,
      from: cluster.from,
      reason: cluster.reason,
      soakUntil: cluster.soakUntil,
      /** The fleet's public name leads elsewhere. */
      drained: z.boolean().exactOptional(),
    }),
  ),
  approvals: z.array(
    z.looseObject({ stage: z.string(), when: z.string().exactOptional(), by: z.string(), at: z.string() }),
  ),
  /** Results of checks; absent of an API that is older than they are. */
  checks: z
    .array(
      z.looseObject({
        stage: z.string(),
        when: z.enum(["before", "after"]),
        name: z.string(),
        passed: z.boolean(),
        /** Who reported it; null: its address was asked. */
        by: z.string().nullable(),
        at: z.string(),
        message: z.string().nullable(),
      }),
    )
    .exactOptional(),
  /** The check that it waits for; null: none. */
  pendingCheck: z
    .looseObject({
      stage: z.string(),
      when: z.enum(["before", "after"]),
      name: z.string(),
      /** The role that may report it. */
      by: z.string(),
      /** Asked each minute; absent where somebody reports the result. */
      url: z.string().exactOptional(),
      since: z.string(),
      /** What its address answered last. */
      answer: z.string().nullable(),
    })
    .nullable()
    .exactOptional(),
  /** The approval that it waits for; null: none. */
  pendingApproval: z
    .looseObject({ stage: z.string(), when: z.enum(["before", "after"]), by: z.string() })
    .nullable()
    .exactOptional(),
  rollbackOf: record.rollbackOf,
  startedAt: record.startedAt,
  finishedAt: record.finishedAt,
  by: record.by,
});
export type RolloutView = Read<typeof RolloutViewSchema>;

/** What a roll-out would be. */
export const PlannedRolloutSchema = z.looseObject({
  rollout: RolloutViewSchema,
  /** Clusters of the fleet that no stage selects: they are left as they are. */
  left: z.array(z.string()),
});
