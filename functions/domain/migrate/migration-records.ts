import * as z from "zod";
import type { Read } from "../api/output.ts";

/** One change of the set of master slots. New slots take letters that were never in use. */
export const SlotChange = z.looseObject({
  /** `grow`: a new slot. `swap`: a new slot takes the place of another. `shrink`: a slot goes. */
  change: z.enum(["grow", "swap", "shrink"]),
  /** The new slot; of a shrink the one that goes. */
  slot: z.string(),
  zone: z.string(),
  /** Of a swap: the slot that goes. */
  replaces: z.string().exactOptional(),
});
export type SlotChange = Read<typeof SlotChange>;

/** What a migration does with a slot, in this order. */
export const MIGRATION_PHASES = [
  /** A backup is taken and verified. */
  "backup",
  /** The zone has subnets, routes and its place at the load balancer. */
  "zones",
  /** Volume, interface, certificates, launch template and group of a new slot. */
  "prepare",
  /** Its instance runs: there is capacity. etcd does not know of it yet. */
  "launch",
  /** etcd has it as a learner, which copies the data. */
  "learn",
  /** It becomes a voter; of a swap, the replaced member is removed at once. */
  "promote",
  /** A member that goes is removed from etcd. */
  "remove",
  /** Instance, group, interface and records of a slot that has left etcd are removed; its data is kept. */
  "retire",
] as const;
export type MigrationPhase = (typeof MIGRATION_PHASES)[number];

/** A migration that has begun and is not complete; written when it is accepted. */
export const Migration = z.looseObject({
  /** Zones of the masters when it began, one for each slot. */
  from: z.array(z.string()),
  to: z.array(z.string()),
  /** All changes in their order. */
  changes: z.array(SlotChange).exactOptional(),
  done: z.array(SlotChange),
  /** What is being done. `slot` names two slots, as `b, c`, where both are changed at once. */
  current: z.looseObject({ slot: z.string(), phase: z.enum(MIGRATION_PHASES) }).nullable(),
  masterSize: z.string().exactOptional(),
  noRoll: z.boolean(),
  /** Learners that etcd allows at once, as its leader was started. Absent until the flow has begun. */
  maxLearners: z.number().exactOptional(),
  /** The backup that was taken before anything was changed. */
  backup: z.string().exactOptional(),
  /** Zones that have subnets, routes and their place at the load balancer. */
  provided: z.array(z.string()).exactOptional(),
  /** When the current learners were placed; epoch milliseconds. */
  learningSince: z.number().nullable().exactOptional(),
  /** New slots whose API servers are up and are targets of the load balancer. */
  admitted: z.array(z.string()).exactOptional(),
});
export type Migration = Read<typeof Migration>;

/**
 * A member that a migration makes or takes away. Repairs and reports count it only once it is `undefined` or null:
 * before that, etcd may not know it, or not know it any more.
 */
export const Migrating = z.enum(["joining", "leaving"]);
export type Migrating = Read<typeof Migrating>;
