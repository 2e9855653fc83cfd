import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  type ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import type { Quota } from "../../domain/plan/quotas.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";

/** The account's value of a quota; AWS's default for one that was never applied to this account. */
export async function readLimit(quotas: ServiceQuotasClient, { service, code, name }: Quota): Promise<number> {
  const of = { ServiceCode: service, QuotaCode: code };
  const applied = await ignoring(["NoSuchResourceException"], quotas.send(new GetServiceQuotaCommand(of)));
  const found = applied ?? (await call(quotas.send(new GetAWSDefaultServiceQuotaCommand(of))));
  return present(found.Quota?.Value, `a value of ${name}`);
}
