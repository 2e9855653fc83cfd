import { SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import type { PlannedCluster } from "../../domain/plan/plan-types.ts";
import type { RawFlag } from "../../domain/spec/fields.ts";
import { type ParsedSpec, specFromDocument, specFromFlags } from "../../domain/spec/parse-spec.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type checkAccountCalls, findMissing } from "./check-account.ts";

interface PlanRequest {
  readonly spec?: unknown;
  readonly flags?: readonly RawFlag[] | undefined;
}

/** A spec from a request body, or from flags as typed, planned. Throws SpecRejected with every problem, the account's too. */
export async function planRequest(
  deps: Deps<typeof checkAccountCalls>,
  { spec, flags }: PlanRequest,
  findKnown: (name: string) => Promise<ClusterRecord | undefined>,
): Promise<PlannedCluster> {
  const parsed: ParsedSpec = flags === undefined ? specFromDocument(spec) : specFromFlags(flags);
  if (parsed.ok) return planCluster(parsed.spec, parsed.warnings);
  const { name } = parsed.read ?? {};
  const known = name === undefined ? undefined : await findKnown(name);
  throw new SpecRejected([...parsed.problems, ...(await findMissing(deps, parsed, known))]);
}
