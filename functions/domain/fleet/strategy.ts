import * as z from "zod";
import type { Read } from "../api/output.ts";

/** How many of a stage's clusters may change at once. */
const Concurrency = z.union([
  z.int().min(1).max(1000),
  z.string().regex(/^([1-9]|[1-9]\d|100)%$/, "a number, or a percentage such as 25%"),
]);

const MONTH_MINUTES = 30 * 1440;

const Gates = z
  .array(z.strictObject({ gate: z.literal("approval"), by: z.enum(["operator", "admin"]).default("operator") }))
  .max(1)
  .default([]);

const Stage = z.strictObject({
  name: z
    .string()
    .max(40)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "lower-case letters, digits and hyphens"),
  selector: z
    .string()
    .max(1024)
    .exactOptional()
    .describe("Labels of its clusters; absent: all that no earlier stage has."),
  maxConcurrent: Concurrency.default(1).describe("Clusters that change at once: a number, or a percentage."),
  maxFailures: z.int().min(0).max(1000).default(0).describe("With one failure more the roll-out stops."),
  soakMinutes: z
    .int()
    .min(0)
    .max(MONTH_MINUTES)
    .default(0)
    .describe("For how long each cluster must stay healthy before the next stage begins."),
  before: Gates.describe("What must be done before the stage begins: an approval by somebody with this role."),
  after: Gates.describe("What must be done after it, before the next stage begins or the roll-out is done."),
  drain: z
    .literal("dns")
    .exactOptional()
    .describe("The fleet's public name leads elsewhere while a cluster changes, as long as another one answers."),
});

/** In which order, and how carefully, the clusters of a fleet are changed. */
export const Strategy = z.strictObject({
  stages: z
    .array(Stage)
    .min(1)
    .max(20)
    .refine((stages) => new Set(stages.map(({ name }) => name)).size === stages.length, "stages with different names"),
});
export type Strategy = Read<typeof Strategy>;
export type Stage = Strategy["stages"][number];

/** One cluster after the other, and none after the first failure. */
export const ONE_BY_ONE: Strategy = {
  stages: [{ name: "all", maxConcurrent: 1, maxFailures: 0, soakMinutes: 0, before: [], after: [] }],
};

/** The concurrency as a number, at least 1. */
export function concurrencyOf({ maxConcurrent }: Stage, clusters: number): number {
  if (typeof maxConcurrent === "number") return maxConcurrent;
  return Math.max(1, Math.floor((clusters * Number.parseInt(maxConcurrent, 10)) / 100));
}
