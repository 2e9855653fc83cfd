import { SpecRejected } from "../../domain/cluster/errors.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import type { PlannedCluster } from "../../domain/plan/plan-types.ts";
import { specFromDocument } from "../../domain/spec/parse-spec.ts";

/** A spec from a request body, planned. Throws SpecRejected with every problem. */
export function planRequest(document: unknown): PlannedCluster {
  const parsed = specFromDocument(document);
  if (!parsed.ok) throw new SpecRejected(parsed.problems);
  return planCluster(parsed.spec, parsed.warnings);
}
