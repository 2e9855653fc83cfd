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
 * `POST /plan`: what a spec would become, held against the account; changes nothing. Of a cluster that is there, its own names and
 * what it uses stand in the way of nothing.
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
