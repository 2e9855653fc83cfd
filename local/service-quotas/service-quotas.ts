import type * as sq from "@aws-sdk/client-service-quotas";
import type { CloudContext } from "../context/context.ts";
import { paginate } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { AccountQuotas, QuotaFacts } from "./account-quotas.ts";

/**
 * Service Quotas, for reading. A quota without an applied value is not known to GetServiceQuota and left out by
 * ListServiceQuotas; its default is asked for by operations of their own (API reference).
 */
export function createServiceQuotas(context: CloudContext, quotas: AccountQuotas): Handlers<typeof sq> {
  const view = (quota: QuotaFacts, Value: number): sq.ServiceQuota => ({
    ServiceCode: quota.service,
    ServiceName: quota.service,
    QuotaArn: `arn:aws:servicequotas:${context.region}:${context.accountId}:${quota.service}/${quota.code}`,
    QuotaCode: quota.code,
    QuotaName: quota.name,
    Value,
    Unit: "None",
    Adjustable: true,
    GlobalQuota: false,
  });
  const applied = (quota: QuotaFacts): sq.ServiceQuota[] =>
    quota.applied === undefined ? [] : [view(quota, quota.applied)];
  const byDefault = (quota: QuotaFacts): sq.ServiceQuota[] => [view(quota, quota.byDefault)];

  const ofService = (service: string | undefined): QuotaFacts[] => {
    const found = quotas.list().filter((quota) => quota.service === service);
    if (found.length > 0) return found;
    throw new AwsError("NoSuchResourceException", "The request failed because the specified service does not exist.");
  };
  const one = (input: { ServiceCode?: string | undefined; QuotaCode?: string | undefined }, views: typeof applied) => {
    const [Quota] = ofService(input.ServiceCode)
      .filter(({ code }) => code === input.QuotaCode)
      .flatMap(views);
    if (Quota) return { Quota };
    throw new AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.");
  };
  const page = (
    input: { ServiceCode?: string | undefined; MaxResults?: number | undefined; NextToken?: string | undefined },
    views: typeof applied,
  ) => {
    const { items, nextToken } = paginate(ofService(input.ServiceCode).flatMap(views), {
      limit: input.MaxResults ?? 100,
      token: input.NextToken,
      tokenError: "InvalidPaginationTokenException",
    });
    return { Quotas: items, NextToken: nextToken };
  };
  return {
    ListServices: ({ MaxResults, NextToken }) => {
      const codes = [...new Set(quotas.list().map(({ service }) => service))].sort();
      const { items, nextToken } = paginate(codes, {
        limit: MaxResults ?? 100,
        token: NextToken,
        tokenError: "InvalidPaginationTokenException",
      });
      return { Services: items.map((code) => ({ ServiceCode: code, ServiceName: code })), NextToken: nextToken };
    },
    // Requests for an increase are not emulated.
    ListRequestedServiceQuotaChangeHistory: () => ({ RequestedQuotas: [] }),
    GetServiceQuota: (input) => one(input, applied),
    GetAWSDefaultServiceQuota: (input) => one(input, byDefault),
    ListServiceQuotas: (input) => page(input, applied),
    ListAWSDefaultServiceQuotas: (input) => page(input, byDefault),
  };
}
