import * as z from "zod";
import type { Read } from "../api/output.ts";

/** How many of a stage's clusters may change at once. */
const Concurrency = z.union([
  z.int().min(1).max(1000),
  z.string().regex(/^([1-9]|[1-9]\d|100)%$/, "a number, or a percentage such as 25%"),
]);

const MONTH_MINUTES = 30 * 1440;

const Name = z
  .string()
  .max(40)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "lower-case letters, digits and hyphens");
const Role = z.enum(["operator", "admin"]).default("operator");

const Approval = z.strictObject({ gate: z.literal("approval"), by: Role });
const Check = z.strictObject({
  gate: z.literal("checks"),
  name: Name,
  by: Role.describe("The role that it takes to report the result."),
  url: z
    .string()
    .max(300)
    .refine(isPlainHttps, "an https address without a user, a password or a fragment")
    .exactOptional()
    .describe("Asked each minute: 2xx passes. Without it somebody reports the result."),
  withinMinutes: z
    .int()
    .min(1)
    .max(MONTH_MINUTES)
    .exactOptional()
    .describe("If it has not passed by then, the roll-out stops. With a `url` 60 if absent; else no limit."),
});
export type Check = Read<typeof Check>;

/** Whoever may read the fleet sees it, so it holds no credentials. */
function isPlainHttps(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}

const Gates = z
  .array(z.discriminatedUnion("gate", [Approval, Check]))
  .max(5)
  .refine((gates) => gates.filter(({ gate }) => gate === "approval").length <= 1, "at most one approval")
  .default([]);

const Stage = z.strictObject({
  name: Name,
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
  before: Gates.describe("What must be done before the stage begins, in order: an approval, and checks that pass."),
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
    .refine((stages) => areDifferent(stages.map(({ name }) => name)), "stages with different names")
    .refine((stages) => areDifferent(stages.flatMap(checksOf)), "checks with different names"),
});
export type Strategy = Read<typeof Strategy>;
export type Stage = Strategy["stages"][number];
export type Gate = Stage["before"][number];

function areDifferent(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}

/** Names of its checks. */
function checksOf({ before, after }: z.output<typeof Stage>): string[] {
  return [...before, ...after].flatMap((gate) => (gate.gate === "checks" ? [gate.name] : []));
}

/** One cluster after the other, and none after the first failure. */
export const ONE_BY_ONE: Strategy = {
  stages: [{ name: "all", maxConcurrent: 1, maxFailures: 0, soakMinutes: 0, before: [], after: [] }],
};

/** The concurrency as a number, at least 1. */
export function concurrencyOf({ maxConcurrent }: Stage, clusters: number): number {
  if (typeof maxConcurrent === "number") return maxConcurrent;
  return Math.max(1, Math.floor((clusters * Number.parseInt(maxConcurrent, 10)) / 100));
}
