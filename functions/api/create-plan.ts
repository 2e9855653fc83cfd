import { REQUESTS } from "../domain/api/requests.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findCluster } from "../store/clusters.ts";
import { checkAccount, checkAccountCalls } from "../usecases/account/check-account.ts";
import { checkQuotasCalls, warnOfFewFunctions } from "../usecases/account/check-quotas.ts";
import { planRequest } from "../usecases/account/plan-request.ts";

const deps = { ...system, aws: { ...checkAccountCalls, ...checkQuotasCalls } };

/**
 * `POST /plan`: the plan of a spec, checked against the account; changes nothing. An existing cluster's own names and
 * quota use do not count against it.
 */
export const handler = apiHandler(REQUESTS.createPlan, async ({ body, caller }) => {
  const planned = planRequest(body.spec);
  requireWithinLimits(caller, "create", null, planned.spec);
  const existing = await findCluster(table, planned.spec.name);
  const known = existing?.status === "DELETED" ? undefined : existing;
  const [{ warnings }, ofFunctions] = await Promise.all([
    checkAccount(deps, planned.spec, planned.plan, known),
    warnOfFewFunctions(deps, planned.spec.region),
  ]);
  return { status: 200, body: { ...planned, warnings: [...planned.warnings, ...warnings, ...ofFunctions] } };
});
