import type { ClusterSpec, Problem } from "../spec/spec.ts";
import { nodeRootGiB, storageOf } from "./disks.ts";
import type { Plan } from "./plan-types.ts";
import { QUOTAS, type Quota, requestLink, vcpuQuotaOf } from "./quotas.ts";

/** A plan's demand of one quota. */
export interface QuotaDemand {
  readonly quota: Quota;
  readonly count: number;
  /** `Elastic IP`; what is counted, as one of it. */
  readonly what: string;
  /** Set where the quota counts by zone. */
  readonly zone?: string;
  /** The flag that decides how much is needed, with its value. */
  readonly flag: string;
  readonly value: string;
  /** How to reduce the demand. */
  readonly otherwise?: string;
}

/** A quota's limit and current use by others, in the demand's unit. */
export interface QuotaState {
  readonly limit: number;
  readonly used: number;
}

/** Everything that a plan takes of the account's quotas. `vcpus` by instance type; a type without is not counted. */
export function quotaDemands(spec: ClusterSpec, plan: Plan, vcpus: ReadonlyMap<string, number>): QuotaDemand[] {
  const named = { flag: "--name", value: spec.name };
  const gateways = plan.subnets.filter(({ type }) => type === "utility");
  const byTopology = { flag: "--topology", value: spec.topology };
  const masters = plan.members.length;
  const addresses = elasticIps(plan, gateways.length);
  const groups = masters + plan.nodes.length;
  const storage = storageOf(spec, masters);
  const demands: QuotaDemand[] = [
    { quota: QUOTAS.vpcs, count: 1, what: "VPC", ...named },
    { quota: QUOTAS.loadBalancers, count: 1, what: "network load balancer", ...named },
    { quota: QUOTAS.elasticIps, what: "Elastic IP", ...byTopology, ...addresses },
    ...gateways.map(({ zone }) => ({
      quota: QUOTAS.natGateways,
      count: 1,
      what: "NAT gateway",
      zone,
      ...byTopology,
      otherwise: "with --topology public none is needed",
    })),
    { quota: QUOTAS.autoScalingGroups, count: groups, what: "Auto Scaling group", ...named },
    {
      quota: QUOTAS.storage,
      count: storage,
      what: "GiB of gp3",
      flag: "--node-count",
      value: String(spec.nodeCount),
      otherwise: `with a smaller --node-volume-size than ${nodeRootGiB(spec)} less is needed`,
    },
    ...vcpuDemands(spec, masters, vcpus),
  ];
  return demands.filter(({ count }) => count > 0);
}

/** One for each NAT gateway; in a public topology one for each master. */
function elasticIps({ members, subnets }: Plan, gateways: number): Pick<QuotaDemand, "count" | "otherwise"> {
  const masters = members.length;
  if (gateways > 0) {
    const otherwise = `with --topology public ${masters} ${masters === 1 ? "is" : "are"} needed, one for each master`;
    return { count: gateways, ...(masters < gateways && { otherwise }) };
  }
  const zones = subnets.length;
  const otherwise = `with --topology private ${zones} ${zones === 1 ? "is" : "are"} needed, one for each zone`;
  return { count: masters, ...(zones < masters && { otherwise }) };
}

function vcpuDemands(spec: ClusterSpec, masters: number, vcpus: ReadonlyMap<string, number>): QuotaDemand[] {
  const ofMasters = vcpuDemand("--master-size", spec.masterSize, masters * (vcpus.get(spec.masterSize) ?? 0));
  const ofNodes = vcpuDemand("--node-size", spec.nodeSize, spec.nodeCount * (vcpus.get(spec.nodeSize) ?? 0));
  if (ofMasters.quota.code !== ofNodes.quota.code) return [ofMasters, ofNodes];
  // The flag of whatever takes most of it.
  const [max, other] = ofNodes.count > ofMasters.count ? [ofNodes, ofMasters] : [ofMasters, ofNodes];
  return [{ ...max, count: max.count + other.count }];
}

function vcpuDemand(flag: string, size: string, count: number): QuotaDemand {
  const quota = vcpuQuotaOf(size);
  return { quota, count, what: "vCPU", flag, value: size, otherwise: "smaller sizes or fewer nodes need less" };
}

/** Problems of one demand under the quota's current state; empty if it fits. */
export function evaluateQuota(demand: QuotaDemand, { limit, used }: QuotaState, region: string): Problem[] {
  const free = Math.max(0, limit - used);
  if (demand.count <= free) return [];
  const { flag, value, quota } = demand;
  const many = demand.count === 1 || demand.what.includes(" of ") ? demand.what : `${demand.what}s`;
  const message = [
    `${flag}: "${value}" needs ${demand.count} ${many}, ${free} of ${limit} are free in ${demand.zone ?? region}`,
    `ask for more of "${quota.name}" (${quota.code}) at ${requestLink(quota, region)}`,
    ...(demand.otherwise === undefined ? [] : [demand.otherwise]),
  ].join("; ");
  return [{ flag, value, message }];
}
