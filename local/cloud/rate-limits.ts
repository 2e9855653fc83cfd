import { throttlingError } from "../faults/service-errors.ts";
import type { CallInterceptor } from "../wire/contract.ts";

/** A token bucket: how many calls at once, and how many more each second. */
type Limit = readonly [burst: number, perSecond: number];

interface Rule {
  readonly service: string;
  readonly operations: RegExp;
  readonly limit: Limit;
  /** Operations that share one bucket bear its name; else each has its own. */
  readonly bucket?: string;
}

/**
 * What AWS documents, for an account and Region, first match first. EC2: `ec2-api-throttling.html` of its developer guide; Systems
 * Manager: "Parameter Store" in the General Reference, which names no burst; Step Functions: its quotas page, larger Regions. Auto
 * Scaling, ELB, IAM and Run Command publish none.
 */
const RULES: readonly Rule[] = [
  { service: "ssm", operations: /^PutParameter$/, limit: [3, 3] },
  { service: "ssm", operations: /^GetParameter(s|sByPath)?$/, limit: [40, 40], bucket: "GetParameter" },
  { service: "states", operations: /^StartExecution$/, limit: [1_300, 300] },
  { service: "ec2", operations: /^Describe/, limit: [100, 20] },
  { service: "ec2", operations: /^(RunInstances|StartInstances)$/, limit: [5, 2] },
  { service: "ec2", operations: /^(Create|Delete|Modify)VpcEndpoints?$/, limit: [4, 0.3] },
  { service: "ec2", operations: /^(Create|Delete)NatGateway$/, limit: [10, 1] },
  { service: "ec2", operations: /^(CreateTags|DeleteTags)$/, limit: [100, 10] },
  {
    service: "ec2",
    operations:
      /^(TerminateInstances|(Create|Delete)(Volume|Snapshots?|NetworkInterface)|CreateLaunchTemplateVersion|ModifyLaunchTemplate)$/,
    limit: [100, 5],
  },
  { service: "ec2", operations: /./, limit: [50, 5] },
];

/** Refuses calls above AWS's documented rates, whoever of the account makes them, as their service does. */
export function limitRates(now: () => number): CallInterceptor {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (call, _input, next) => {
    const rule = RULES.find(({ service, operations }) => service === call.service && operations.test(call.operation));
    if (!rule) return next();
    const [burst, perSecond] = rule.limit;
    const name = `${rule.service}:${rule.bucket ?? call.operation}`;
    const { tokens, at } = buckets.get(name) ?? { tokens: burst, at: now() };
    const filled = Math.min(burst, tokens + (Math.max(0, now() - at) / 1_000) * perSecond);
    buckets.set(name, { tokens: filled >= 1 ? filled - 1 : filled, at: now() });
    if (filled < 1) throw throttlingError(call);
    return next();
  };
}
