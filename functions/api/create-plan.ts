import { REQUESTS } from "../domain/contract/requests.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { checkAccount } from "../usecases/check-account.ts";
import { planRequest } from "../usecases/plan-request.ts";

/** `POST /plan`: what a spec would become, held against the account; changes nothing. */
export const handler = apiHandler(REQUESTS.createPlan, async ({ body, caller }) => {
  const planned = planRequest(body.spec);
  requireWithinLimits(caller, "create", null, planned.spec);
  const { warnings } = await checkAccount(planned.spec, planned.plan);
  return { status: 200, body: { ...planned, warnings: [...planned.warnings, ...warnings] } };
});
