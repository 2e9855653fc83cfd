import { ebsDefaultKey } from "../aws/ec2/account.ts";
import { ec2 } from "../aws/ec2/client.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { explainDefaultKey } from "../domain/plan/account.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { bind } from "../runtime/bind.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findCluster } from "../store/clusters.ts";
import { checkAccount, checkAccountCalls } from "../usecases/account/check-account.ts";
import { checkQuotasCalls, warnOfFewFunctions } from "../usecases/account/check-quotas.ts";
import { planRequest } from "../usecases/account/plan-request.ts";
import { takeOverCalls } from "../usecases/restore/take-over.ts";
import { takeoverOf } from "../usecases/restore/takeover-of.ts";

const deps = {
  ...system,
  aws: { ...checkAccountCalls, ...checkQuotasCalls, ...takeOverCalls, ...bind(ec2, { ebsDefaultKey }) },
  env: readEnv({ BACKUP_BUCKET: NonEmpty }),
};

/**
 * `POST /plan`: the plan of a spec, checked against the account; changes nothing. An existing cluster's own names and
 * quota use do not count against it.
 */
export const handler = apiHandler(REQUESTS.createPlan, async ({ body, caller }) => {
  const taken = await takeoverOf(deps, caller, body);
  const planned = taken?.planned ?? (await planRequest(deps, body, findKnown));
  requireWithinLimits(caller, "create", null, planned.spec);
  const known = await findKnown(planned.spec.name);
  const [{ warnings }, ofFunctions, ofKey] = await Promise.all([
    checkAccount(deps, planned.spec, planned.plan, known),
    warnOfFewFunctions(deps, planned.spec.region),
    deps.aws.ebsDefaultKey().then(explainDefaultKey),
  ]);
  // What only a plan says costs a creation no call.
  const said = [...warnings, ...ofFunctions, ...(ofKey === undefined ? [] : [ofKey])];
  return { status: 200, body: { ...planned, warnings: [...planned.warnings, ...said] } };
});

async function findKnown(name: string) {
  const existing = await findCluster(table, name);
  return existing?.status === "DELETED" ? undefined : existing;
}
