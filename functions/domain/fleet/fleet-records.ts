import * as z from "zod";
import type { Read } from "../api/output.ts";
import { EventViewSchema } from "../api/views.ts";
import { ClusterName } from "../spec/value-schemas.ts";
import { Strategy } from "./strategy.ts";

/** The clusters of this stack. */
export const LOCAL = "local";

/** A cluster, and the endpoint whose API knows it. */
export const ClusterRef = z.looseObject({ endpoint: z.string(), cluster: z.string() });
export type ClusterRef = Read<typeof ClusterRef>;

/** `local/prod.example.com`: unique in a fleet. */
export function refText({ endpoint, cluster }: ClusterRef): string {
  return `${endpoint}/${cluster}`;
}

/** Words that follow `fleet rollout` in place of a fleet's name. */
export const ROLLOUT_ACTIONS = ["pause", "resume", "retry", "rollback", "approve", "check", "stop"] as const;

export const FleetName = ClusterName.refine((name) => !ROLLOUT_ACTIONS.some((action) => action === name), {
  message: `another name than ${ROLLOUT_ACTIONS.join(", ")}, which are commands`,
});

/** What every cluster of a fleet must have. What is against it is reported; only what it enforces is changed. */
export const FleetPolicy = z.strictObject({
  kubernetes: z
    .strictObject({ minimum: z.string().regex(/^\d{1,2}\.\d{1,3}(\.\d{1,3})?$/, "a version such as 1.36 or 1.36.2") })
    .exactOptional()
    .describe("The oldest version that is allowed."),
  backup: z
    .strictObject({
      intervalMinutes: z.int().min(5).max(1440).exactOptional().describe("Most minutes from one backup to the next."),
      drill: z.literal("weekly").exactOptional().describe("A backup is proven each week."),
    })
    .exactOptional(),
  masters: z
    .strictObject({ minimum: z.int().min(1).max(7) })
    .exactOptional()
    .describe("Least number of masters."),
  spread: z
    .strictObject({ zones: z.int().min(1).max(7) })
    .exactOptional()
    .describe("Least number of zones that have a master."),
  enforce: z
    .array(z.enum(["backup"]))
    .max(1)
    .exactOptional()
    .describe("Settings that are changed where they are against the policy. Versions and sizes never are."),
});
export type FleetPolicy = Read<typeof FleetPolicy>;

/** Several independent clusters, listed or selected by their labels. */
export const FleetRecordSchema = z.looseObject({
  name: z.string().min(1),
  /** Null: they are selected. */
  clusters: z.array(ClusterRef).nullable(),
  selector: z.string().nullable(),
  policy: FleetPolicy.default({}),
  /** Who last set the policy: what it enforces is changed in their name. */
  policyBy: EventViewSchema.shape.by.unwrap().exactOptional(),
  /** Of its roll-outs; null: one cluster after the other. */
  strategy: Strategy.nullable().default(null),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type FleetRecord = Read<typeof FleetRecordSchema>;
