import { groupLimits } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { usageOf, vcpusOf } from "../../aws/ec2/usage.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { countNetworkBalancers } from "../../aws/load-balancing/load-balancing.ts";
import { quotas } from "../../aws/service-quotas/client.ts";
import { readLimit } from "../../aws/service-quotas/service-quotas.ts";
import { AccessMissing, NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Plan } from "../../domain/plan/plan-types.ts";
import { evaluateQuota, type QuotaDemand, type QuotaState, quotaDemands } from "../../domain/plan/quota-demand.ts";
import { fewFunctions, QUOTAS, vcpuQuotaOf } from "../../domain/plan/quotas.ts";
import type { ClusterSpec, Problem } from "../../domain/spec/spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const checkQuotasCalls = {
  ...bind(ec2, { usageOf, vcpusOf }),
  ...bind(quotas, { readLimit }),
  ...bind(autoScaling, { groupLimits }),
  ...bind(elb, { countNetworkBalancers }),
};

type Collaborators = Deps<typeof checkQuotasCalls>;

export interface QuotaResult {
  readonly problems: readonly Problem[];
  /** A quota that could not be read refuses nothing: it is said, and AWS itself will refuse what goes beyond it. */
  readonly warnings: readonly string[];
}

/**
 * Holds a plan against the account's quotas: what it needs, what is free. Reads only. `uid` is of the cluster that is
 * being created already, if it is: what it has is not in its own way.
 */
export function checkQuotas(
  deps: Collaborators,
  spec: ClusterSpec,
  plan: Plan,
  vcpus: ReadonlyMap<string, number>,
  uid?: string,
): Promise<QuotaResult> {
  return checkDemands(deps, quotaDemands(spec, plan, vcpus), { region: spec.region, vcpus, uid });
}

/** The same for single demands. */
export async function checkDemands(
  deps: Collaborators,
  demands: readonly QuotaDemand[],
  of: { readonly region: string; readonly vcpus: ReadonlyMap<string, number>; readonly uid: string | undefined },
): Promise<QuotaResult> {
  const read = quotaReader(deps, of.vcpus, of.uid);
  const results = await Promise.all(
    demands.map(async (demand): Promise<QuotaResult> => {
      try {
        return { problems: evaluateQuota(demand, await read(demand), of.region), warnings: [] };
      } catch (error) {
        if (!(error instanceof AccessMissing || error instanceof NotReadyYet)) throw error;
        return { problems: [], warnings: [`the quota "${demand.quota.name}" was not checked: ${error.message}`] };
      }
    }),
  );
  return {
    problems: results.flatMap(({ problems }) => problems),
    warnings: [...new Set(results.flatMap(({ warnings }) => warnings))],
  };
}

/** Reads a quota as it stands; what several needs ask for is asked once. */
function quotaReader(deps: Collaborators, vcpus: ReadonlyMap<string, number>, uid: string | undefined) {
  const usage = deps.aws.usageOf(uid);
  const limits = new Map<string, Promise<number>>();
  const limitOf = ({ quota }: QuotaDemand): Promise<number> => {
    const limit = limits.get(quota.code) ?? deps.aws.readLimit(quota);
    limits.set(quota.code, limit);
    return limit;
  };
  const natGateways = once(async (limit: number) => usage.natGateways(limit));
  const running = once(async () => {
    const types = await usage.runningTypes();
    const known = await deps.aws.vcpusOf(types, vcpus);
    return types.map((type) => ({ code: vcpuQuotaOf(type).code, vcpus: known.get(type) ?? 0 }));
  });

  return async (demand: QuotaDemand): Promise<QuotaState> => {
    const { code } = demand.quota;
    if (code === QUOTAS.autoScalingGroups.code) return deps.aws.groupLimits();
    const usedOf = async (limit: number): Promise<number> => {
      switch (code) {
        case QUOTAS.vpcs.code:
          return usage.vpcs();
        case QUOTAS.elasticIps.code:
          return usage.elasticIps();
        case QUOTAS.loadBalancers.code:
          return deps.aws.countNetworkBalancers();
        case QUOTAS.natGateways.code:
          return (await natGateways(limit))(demand.zone ?? "");
        case QUOTAS.storage.code:
          return usage.storage();
        default:
          return (await running(limit)).reduce((sum, each) => sum + (each.code === code ? each.vcpus : 0), 0);
      }
    };
    const limit = await limitOf(demand);
    // Service Quotas counts disks in TiB.
    return { limit: code === QUOTAS.storage.code ? limit * 1024 : limit, used: await usedOf(limit) };
  };
}

function once<T>(ask: (limit: number) => Promise<T>): (limit: number) => Promise<T> {
  let answer: Promise<T> | undefined;
  return (limit) => {
    answer ??= ask(limit);
    return answer;
  };
}

/** Said by a plan alone: nothing is refused for it, and a creation spends no call on it. */
export async function warnOfFewFunctions(deps: Collaborators, region: string): Promise<string[]> {
  try {
    return [fewFunctions(await deps.aws.readLimit(QUOTAS.concurrency), region)].flatMap((warning) => warning ?? []);
  } catch (error) {
    if (!(error instanceof AccessMissing || error instanceof NotReadyYet)) throw error;
    return [];
  }
}
