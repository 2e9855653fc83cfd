import type { ClusterRecord } from "../cluster/records.ts";
import { costOf } from "../plan/cost.ts";
import { countResources } from "../plan/plan.ts";
import type { MemberPlan, Plan } from "../plan/plan-types.ts";
import { survivalOf } from "../plan/survival.ts";
import { quorumOf } from "../repair/quorum.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { nextBatch } from "./migration-plan.ts";

/**
 * A new slot's volume is of this generation: a host whose volume is of a later one than the first has its etcd join a
 * cluster that runs.
 */
export const JOINING_GENERATION = 2;

/**
 * The members that etcd lists when this one starts for the first time: exactly these must stand in its list, or it ends
 * itself. Where etcd allows one learner at a time, slots that come later are not among them yet.
 */
export function membersAtBoot(
  { plan, migration }: Pick<ClusterRecord, "plan" | "migration">,
  member: string,
): MemberPlan[] {
  const batch = migration && nextBatch(migration.changes ?? [], migration.done);
  const joins = batch && batch.kind !== "shrink" ? batch.changes.map(({ slot }) => slot) : [];
  const own = joins.indexOf(member);
  if (own < 0 || (migration?.maxLearners ?? 1) > 1) return [...plan.members];
  const later = joins.slice(own + 1);
  return plan.members.filter(({ name }) => !later.includes(name));
}

/** Spec and plan once these are the masters; subnets stay, with or without masters. */
export function withMasters(
  { spec, plan }: Pick<ClusterRecord, "spec" | "plan">,
  members: readonly MemberPlan[],
): { spec: ClusterSpec; plan: Plan } {
  const zones = [...new Set(plan.subnets.map(({ zone }) => zone))].toSorted();
  const changed = { ...spec, masterZones: members.map(({ zone }) => zone) };
  const resources = countResources(changed, members, plan.nodes, plan.subnets);
  return {
    spec: changed,
    plan: {
      ...plan,
      members,
      quorum: { size: members.length, needed: quorumOf(members.length) },
      survives: survivalOf(members, zones),
      resources,
      cost: costOf(changed, { ...resources, masters: members.length, zones: zones.length }),
    },
  };
}
