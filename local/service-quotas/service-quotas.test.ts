import type * as sq from "@aws-sdk/client-service-quotas";
import { expect, test } from "vitest";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { AccountQuotas } from "./account-quotas.ts";
import { createServiceQuotas } from "./service-quotas.ts";

function account() {
  const quotas = new AccountQuotas();
  const context = recordingContext(new VirtualClock());
  return { quotas, aws: client<typeof sq>(createServiceQuotas(context, quotas)) };
}

test("an applied value and the default are asked for by two operations", async () => {
  const { aws } = account();
  const addresses = { ServiceCode: "ec2", QuotaCode: "L-0263D0A3" };

  const applied = await aws("GetServiceQuota", addresses);
  const byDefault = await aws("GetAWSDefaultServiceQuota", addresses);

  expect(applied.Quota).toMatchObject({ QuotaName: "EC2-VPC Elastic IPs", Value: 30_000 });
  expect(byDefault.Quota?.Value).toBe(5);
});

test("a quota whose value was never changed has no applied value, until it is set", async () => {
  const { aws, quotas } = account();
  const groups = { ServiceCode: "vpc", QuotaCode: "L-2AFB9258" };

  await expect(aws("GetServiceQuota", groups)).rejects.toThrow("the specified quota does not exist");
  quotas.set("L-2AFB9258", 16);

  expect((await aws("GetServiceQuota", groups)).Quota?.Value).toBe(16);
  expect(quotas.limit("groupsPerInterface")).toBe(16);
});

test("lists come in pages; the list of applied values leaves out what has none", async () => {
  const { aws } = account();

  const first = await aws("ListServiceQuotas", { ServiceCode: "vpc", MaxResults: 2 });
  const second = await aws("ListServiceQuotas", { ServiceCode: "vpc", NextToken: first.NextToken });
  const defaults = await aws("ListAWSDefaultServiceQuotas", { ServiceCode: "vpc" });

  const codes = [...(first.Quotas ?? []), ...(second.Quotas ?? [])].map(({ QuotaCode }) => QuotaCode);
  expect(codes).toEqual(["L-F678F1CE", "L-A4707A72", "L-FE5A380F"]);
  expect(defaults.Quotas?.map(({ Value }) => Value)).toEqual([5, 5, 5, 5]);
});
