import * as z from "zod";
import { FleetPolicy } from "../fleet/fleet-records.ts";
import { Strategy } from "../fleet/strategy.ts";
import type { Read } from "./output.ts";

/** The worst first. `UNKNOWN`: its endpoint does not answer, or has no such cluster. */
export const FLEET_STATUSES = [
  "FAILED",
  "DEGRADED",
  "UNKNOWN",
  "REPAIRING",
  "DELETING",
  "UPDATING",
  "CREATING",
  "ACTIVE",
] as const;

const FleetClusterSchema = z.looseObject({
  endpoint: z.string(),
  name: z.string(),
  status: z.enum(FLEET_STATUSES),
  reason: z.string().nullable(),
  /** Since when its endpoint does not answer. What else is said is what was last seen. */
  unknownSince: z.string().nullable().exactOptional(),
  labels: z.record(z.string(), z.string()),
  /** Null of one that is unknown. */
  kubernetesVersion: z.string().nullable(),
  masters: z.number(),
  nodes: z.number(),
  lastBackupAt: z.string().nullable(),
  /** USD, by list prices; null if it is not known. */
  monthlyCost: z.number().nullable(),
  /** What is not healthy, a phrase each. */
  problems: z.array(z.string()),
  /** What is not as the fleet's policy asks, a phrase each. */
  violations: z.array(z.string()),
});
export type FleetClusterView = Read<typeof FleetClusterSchema>;

const SummarySchema = z.looseObject({
  name: z.string(),
  /** The worst of its clusters; `EMPTY` without any. */
  status: z.enum([...FLEET_STATUSES, "EMPTY"]),
  selector: z.string().nullable(),
  policy: FleetPolicy,
  strategy: Strategy.nullable(),
  counts: z.looseObject({
    clusters: z.number(),
    byStatus: z.record(z.string(), z.number()),
    byVersion: z.record(z.string(), z.number()),
    violations: z.number(),
  }),
  /** Of all its clusters; null where one has none yet. */
  oldestBackup: z.looseObject({ cluster: z.string(), at: z.string().nullable() }).nullable(),
  /** USD, of the clusters whose cost is known. */
  monthlyCost: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A fleet in a list. */
export const FleetSummarySchema = SummarySchema;
export type FleetSummary = Read<typeof FleetSummarySchema>;

/** One fleet, with its clusters, the worst first. */
export const FleetViewSchema = SummarySchema.extend({ clusters: z.array(FleetClusterSchema) });
export type FleetView = Read<typeof FleetViewSchema>;
