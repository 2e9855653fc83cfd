import { SpecRejected } from "../domain/errors.ts";
import { specFromDocument } from "../domain/parse-spec.ts";
import { planCluster } from "../domain/plan.ts";
import type { PlannedCluster } from "../domain/plan-types.ts";

/** A spec from a request body, planned. Throws SpecRejected with every problem. */
export const planRequest = (document: unknown): PlannedCluster => {
  const parsed = specFromDocument(document);
  if (!parsed.ok) throw new SpecRejected(parsed.problems);
  return planCluster(parsed.spec, parsed.warnings);
};
