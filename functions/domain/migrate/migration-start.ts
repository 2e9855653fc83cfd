import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import type { MemberPlan, SubnetPlan } from "../plan/plan-types.ts";
import { type QuotaDemand, quotaDemands } from "../plan/quota-demand.ts";
import { QUOTAS } from "../plan/quotas.ts";
import type { ClusterSpec, Problem } from "../spec/spec.ts";
import type { SlotChange } from "./migration-records.ts";

/** What is known of a cluster when somebody asks for a migration of its masters. */
export interface MigrationStart {
  readonly cluster: Pick<
    ClusterRecord,
    "name" | "status" | "reason" | "deleting" | "restoration" | "pending" | "spec" | "plan"
  >;
  /** Members whose etcd does not answer as it should. */
  readonly unhealthy: readonly Pick<MemberRecord, "member">[];
}

/** All reasons, other than what is asked for, why no migration begins. */
export function whyNoMigration({ cluster, unhealthy }: MigrationStart): Problem[] {
  const { name, status } = cluster;
  const problem = (what: string): Problem => ({ flag: "NAME", value: name, message: `NAME: ${name} ${what}` });
  if (cluster.deleting === true) return [problem("is being deleted")];
  if (status === "CREATING" || status === "FAILED") return [problem(`is ${status}: its creation has to end first`)];
  return [
    ...(cluster.restoration ? [problem("is being restored; the same `holdfast restore cluster` continues that")] : []),
    ...(cluster.pending
      ? [
          problem(
            `has a change that is not complete (${cluster.pending.fields.join(", ")}); \`holdfast update cluster ${name} --yes\` continues it`,
          ),
        ]
      : []),
    ...(unhealthy.length > 0
      ? [
          problem(
            `has masters that are not healthy: ${unhealthy.map(({ member }) => member).join(", ")}; they are repaired first ` +
              `(holdfast validate cluster ${name} --wait)`,
          ),
        ]
      : []),
  ];
}

/**
 * What a migration takes of the account's quotas that the cluster does not take now, at its widest: new masters come
 * before others go, of swaps one at a time.
 */
export function migrationDemands(
  { spec, plan }: Pick<ClusterRecord, "spec" | "plan">,
  wish: {
    readonly spec: ClusterSpec;
    readonly subnets: readonly SubnetPlan[];
    readonly changes: readonly SlotChange[];
  },
  vcpus: ReadonlyMap<string, number>,
): QuotaDemand[] {
  const grown = wish.changes.filter(({ change }) => change === "grow").length;
  const added = grown + (wish.changes.some(({ change }) => change === "swap") ? 1 : 0);
  if (added === 0) return [];
  const further = Array.from({ length: added }, (): MemberPlan => ({ name: "", zone: "", subnet: "", address: "" }));
  const widest = { ...plan, members: [...plan.members, ...further], subnets: [...plan.subnets, ...wish.subnets] };
  const now = quotaDemands(spec, plan, vcpus);
  const asked = { flag: "--master-zones", value: wish.spec.masterZones.join(",") };
  return quotaDemands(wish.spec, widest, vcpus).flatMap((demand): QuotaDemand[] => {
    const { quota, zone, count, what } = demand;
    const before = now.find((each) => each.quota.code === quota.code && each.zone === zone)?.count ?? 0;
    if (count <= before) return [];
    // Of groups, the cluster's own count as used; of everything else they do not.
    const needed = quota.code === QUOTAS.autoScalingGroups.code ? added : count;
    return [{ quota, what, count: needed, ...(zone === undefined ? {} : { zone }), ...asked }];
  });
}
