import { z } from "zod";
import { type KubernetesObject, kubernetesObjectSchema } from "../common/objects.ts";
import { POD_DISRUPTION_BUDGETS, storageKey } from "./resources.ts";
import { StatusError } from "./status.ts";
import type { Storage } from "./storage.ts";

const count = z.union([z.int(), z.string()]).optional();
const budgetSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({
    minAvailable: count,
    maxUnavailable: count,
    selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()).default({}) }).default({ matchLabels: {} }),
  }),
});
type Budget = z.infer<typeof budgetSchema>;

/**
 * Throws 429 if a budget of its namespace keeps a pod from eviction. A controller counts pods elsewhere; here they are
 * counted when somebody asks, and as nothing replaces them, `maxUnavailable` is of those that are there.
 */
export async function checkEviction(storage: Storage, namespace: string, pod: KubernetesObject): Promise<void> {
  const [budgets, pods] = await Promise.all([
    storage.list(storageKey(POD_DISRUPTION_BUDGETS, namespace)),
    storage.list(`pods/${namespace}/`),
  ]);
  for (const budget of budgets.objects.map((object) => budgetSchema.parse(object))) {
    if (!isSelected(budget, pod)) continue;
    const expected = pods.objects.filter((each) => isSelected(budget, each)).length;
    if (disruptionsOf(budget, expected) > 0) continue;
    const name = budget.metadata.name ?? "";
    const causes = [
      { reason: "DisruptionBudget", message: `The disruption budget ${name} needs ${expected} healthy pods` },
    ];
    throw new StatusError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes,
    });
  }
}

function isSelected({ spec }: Budget, { metadata }: KubernetesObject): boolean {
  return Object.entries(spec.selector.matchLabels).every(([label, value]) => metadata.labels?.[label] === value);
}

function disruptionsOf({ spec: { minAvailable, maxUnavailable } }: Budget, expected: number): number {
  if (maxUnavailable !== undefined) return numberOf(maxUnavailable, expected);
  return minAvailable === undefined ? 0 : expected - numberOf(minAvailable, expected);
}

function numberOf(value: number | string, of: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) * of) / 100);
}
