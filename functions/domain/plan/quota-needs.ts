import type { ClusterSpec, Problem } from "../spec/spec.ts";
import { storageOf } from "./disks.ts";
import type { Plan } from "./plan-types.ts";
import { QUOTAS, type Quota, requestLink, vcpuQuotaOf } from "./quotas.ts";

/** What a plan takes of one quota. */
export interface QuotaNeed {
  readonly quota: Quota;
  readonly count: number;
  /** `Elastic IP`; what is counted, as one of it. */
  readonly what: string;
  /** Set where the quota counts by zone. */
  readonly zone?: string;
  /** The flag that decides how much is needed, with its value. */
  readonly flag: string;
  readonly value: string;
  /** How to need less of it. */
  readonly otherwise?: string;
}

/** How a quota stands now, in the unit of the need: its limit, and how much of it others use. */
export interface QuotaState {
  readonly limit: number;
  readonly used: number;
}

/** Everything that a plan takes of the account's quotas. `vcpus` by instance type; a type without is not counted. */
export const quotaNeeds = (spec: ClusterSpec, plan: Plan, vcpus: ReadonlyMap<string, number>): QuotaNeed[] => {
  const named = { flag: "--name", value: spec.name };
  const gateways = plan.subnets.filter(({ type }) => type === "utility");
  const byTopology = { flag: "--topology", value: spec.topology };
  const masters = plan.members.length;
  const addresses = elasticIps(plan, gateways.length);
  const groups = masters + plan.nodes.length;
  const storage = storageOf(masters, spec.nodeCount, spec.etcdVolumeGiB);
  const needs: QuotaNeed[] = [
    { quota: QUOTAS.vpcs, count: 1, what: "VPC", ...named },
    { quota: QUOTAS.internetGateways, count: 1, what: "internet gateway", ...named },
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
    { quota: QUOTAS.storage, count: storage, what: "GiB of gp3", flag: "--node-count", value: String(spec.nodeCount) },
    ...vcpuNeeds(spec, masters, vcpus),
  ];
  return needs.filter(({ count }) => count > 0);
};

/** One for each NAT gateway; in a public topology one for each master. */
const elasticIps = ({ members, subnets }: Plan, gateways: number): Pick<QuotaNeed, "count" | "otherwise"> => {
  const masters = members.length;
  if (gateways > 0) {
    const otherwise = `with --topology public ${masters} ${masters === 1 ? "is" : "are"} needed, one for each master`;
    return { count: gateways, ...(masters < gateways && { otherwise }) };
  }
  const zones = subnets.length;
  const otherwise = `with --topology private ${zones} ${zones === 1 ? "is" : "are"} needed, one for each zone`;
  return { count: masters, ...(zones < masters && { otherwise }) };
};

const vcpuNeeds = (spec: ClusterSpec, masters: number, vcpus: ReadonlyMap<string, number>): QuotaNeed[] => {
  const ofMasters = vcpuNeed("--master-size", spec.masterSize, masters * (vcpus.get(spec.masterSize) ?? 0));
  const ofNodes = vcpuNeed("--node-size", spec.nodeSize, spec.nodeCount * (vcpus.get(spec.nodeSize) ?? 0));
  if (ofMasters.quota.code !== ofNodes.quota.code) return [ofMasters, ofNodes];
  // The flag of whatever takes most of it.
  const [most, other] = ofNodes.count > ofMasters.count ? [ofNodes, ofMasters] : [ofMasters, ofNodes];
  return [{ ...most, count: most.count + other.count }];
};

const vcpuNeed = (flag: string, size: string, count: number): QuotaNeed => {
  const quota = vcpuQuotaOf(size);
  return { quota, count, what: "vCPU", flag, value: size, otherwise: "smaller sizes or fewer nodes need less" };
};

/** What is wrong with one need in this state of its quota: nothing, if it fits. */
export const judgeQuota = (need: QuotaNeed, { limit, used }: QuotaState, region: string): Problem[] => {
  const free = Math.max(0, limit - used);
  if (need.count <= free) return [];
  const { flag, value, quota } = need;
  const many = need.count === 1 || need.what.includes(" of ") ? need.what : `${need.what}s`;
  const message = [
    `${flag}: "${value}" needs ${need.count} ${many}, ${free} of ${limit} are free in ${need.zone ?? region}`,
    `ask for more of "${quota.name}" (${quota.code}) at ${requestLink(quota, region)}`,
    ...(need.otherwise === undefined ? [] : [need.otherwise]),
  ].join("; ");
  return [{ flag, value, message }];
};
