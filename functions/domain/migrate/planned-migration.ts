import * as z from "zod";
import type { Read } from "../api/output.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { costOf } from "../plan/cost.ts";
import { countResources } from "../plan/plan.ts";
import { CostSchema, type MemberPlan, PlanSchema, type SubnetPlan } from "../plan/plan-types.ts";
import { homeSubnet } from "../plan/subnets.ts";
import { warningsFor } from "../plan/warnings.ts";
import { learnersAtOnce } from "../releases/versions.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { withMasters } from "./migrated-plan.ts";
import { type Batch, nextBatch, planMigration, planReplacement, type Slot } from "./migration-plan.ts";
import { type Migration, SlotChange } from "./migration-records.ts";

const plan = PlanSchema.shape;

/** Changes that are made together, and what may be lost meanwhile. */
const MigrationPart = z.looseObject({
  changes: z.array(SlotChange),
  /** Voters of etcd before, in between, and after. */
  voters: z.array(z.number()),
  /** Masters that may be lost at once, with the API still answering, for each number of voters. */
  survives: z.array(z.number()),
});

/** What a migration of masters would do. Nothing is changed by it. */
export const MigrationPlanSchema = z.looseObject({
  cluster: z.string(),
  /** Zones of the masters, one for each. */
  from: z.array(z.string()),
  to: z.array(z.string()),
  /** The instance type of masters, if it becomes another one. */
  masterSize: z.string().nullable(),
  /** In this order. */
  parts: z.array(MigrationPart),
  /** Subnets that are made for new zones. */
  subnets: plan.subnets,
  /** Blocks that are added to the VPC for them, since it is full; an API that is older than this field does not say. */
  addedBlocks: z.array(z.string()).exactOptional(),
  survives: z.looseObject({ before: plan.survives, after: plan.survives }),
  cost: z.looseObject({ before: CostSchema, after: CostSchema }),
  /** How long it takes, about. */
  minutes: z.number(),
  /** A sentence each. */
  warnings: z.array(z.string()),
});
export type MigrationPlan = Read<typeof MigrationPlanSchema>;

/** Boot, copy of the data and a place at the load balancer; or a shutdown. */
const MINUTES_PER_SLOT = 6;

export interface MigrationWish {
  /** The cluster's spec, with the masters' zones and size that are asked for. */
  readonly spec: ClusterSpec;
  /** Subnets for zones that have none. */
  readonly subnets: readonly SubnetPlan[];
  /** Blocks that the VPC gets for them. */
  readonly addedBlocks?: readonly string[];
  /** The version of etcd that its members run; if none says so, the one that the cluster has pinned. */
  readonly etcd?: string | undefined;
  /** Slots whose machines are of another type than is asked for. */
  readonly outdated?: readonly string[];
  /** One that has begun: what is left of it is the plan. */
  readonly begun?: Migration | undefined;
}

type Migrated = Pick<ClusterRecord, "name" | "spec" | "plan" | "retiredSlots" | "versions">;

/**
 * The changes of single slots that lead to the spec that is asked for. Where the zones are as they are asked for, masters of
 * another type than is asked for (`outdated`) are replaced.
 */
export function changesOf(
  { plan: { members }, retiredSlots }: Migrated,
  { masterZones }: ClusterSpec,
  outdated: readonly string[] = [],
): SlotChange[] {
  const slots = members.map(({ name: slot, zone }): Slot => ({ slot, zone }));
  const changes = planMigration(slots, masterZones, retiredSlots);
  return changes.length > 0 ? changes : planReplacement(slots, outdated, retiredSlots);
}

export function planOfMigration(
  cluster: Migrated,
  { spec, subnets, addedBlocks = [], outdated, begun, etcd = cluster.versions?.etcd }: MigrationWish,
): MigrationPlan {
  const changes = begun ? openChanges(begun) : changesOf(cluster, spec, outdated);
  const members = membersAfter(cluster, changes, subnets);
  const grown = { ...cluster.plan, subnets: [...cluster.plan.subnets, ...subnets] };
  const after = withMasters({ spec, plan: grown }, members);
  const known = new Set(warningsFor(cluster.spec, cluster.plan));
  const parts = partsOf(begun ? votersOf(begun) : cluster.plan.members.length, changes);
  return {
    cluster: cluster.name,
    from: begun ? [...begun.from] : cluster.plan.members.map(({ zone }) => zone),
    to: members.map(({ zone }) => zone),
    masterSize: spec.masterSize === cluster.spec.masterSize ? null : spec.masterSize,
    parts,
    subnets: [...subnets],
    addedBlocks: [...addedBlocks],
    survives: { before: cluster.plan.survives, after: after.plan.survives },
    cost: { before: costNow(cluster), after: costNow({ ...cluster, ...after }) },
    minutes: changes.length * MINUTES_PER_SLOT,
    warnings: [
      ...(begun ? ["it has begun and is not complete: these changes are left, and --yes continues it"] : []),
      ...partWarnings(parts, etcd),
      ...sizeWarnings(cluster, spec, changes),
      ...warningsFor(after.spec, after.plan).filter((warning) => !known.has(warning)),
    ],
  };
}

/** By the subnets that there are, with or without masters. */
function costNow({ spec, plan: { members, nodes, subnets } }: Migrated) {
  const resources = countResources(spec, members, nodes, subnets);
  const zones = new Set(subnets.map(({ zone }) => zone)).size;
  return costOf(spec, { ...resources, masters: members.length, zones });
}

/** The addresses of new ones are EC2's to choose. */
function membersAfter(cluster: Migrated, changes: readonly SlotChange[], subnets: readonly SubnetPlan[]): MemberPlan[] {
  const all = [...cluster.plan.subnets, ...subnets];
  const gone = new Set(changes.map(({ change, slot, replaces }) => (change === "shrink" ? slot : replaces)));
  const added = changes
    .filter(({ change, slot }) => change !== "shrink" && !cluster.plan.members.some(({ name }) => name === slot))
    .map(({ slot, zone }) => ({ name: slot, zone, subnet: homeSubnet(all, zone).name, address: "" }));
  return [...cluster.plan.members.filter(({ name }) => !gone.has(name)), ...added];
}

/** What is left of a migration that has begun. */
function openChanges({ changes = [], done }: Migration): SlotChange[] {
  return changes.filter(({ slot }) => !done.some((each) => each.slot === slot));
}

/** Voters before the part that is open. */
function votersOf({ from, done }: Migration): number {
  const count = (kind: SlotChange["change"]) => done.filter(({ change }) => change === kind).length;
  return from.length + count("grow") - count("shrink");
}

function partsOf(size: number, changes: readonly SlotChange[]): MigrationPlan["parts"] {
  const parts: MigrationPlan["parts"][number][] = [];
  const done: SlotChange[] = [];
  for (let voters = size; ; ) {
    const batch = nextBatch(changes, done);
    if (!batch) return parts;
    const counts = votersDuring(voters, batch);
    parts.push({
      changes: [...batch.changes],
      voters: counts,
      survives: counts.map((count) => Math.floor((count - 1) / 2)),
    });
    done.push(...batch.changes);
    voters = counts.at(-1) ?? voters;
  }
}

/** A learner is no voter; two that become voters do so one after the other. */
function votersDuring(voters: number, { kind, changes }: Batch): number[] {
  if (kind === "swap") return [voters, voters + 1, voters];
  const step = kind === "grow" ? 1 : -1;
  return [voters, ...changes.map((_, index) => voters + step * (index + 1))];
}

/** Both removals are in one command, and so are both promotions, where etcd takes two learners at once. */
function partWarnings(parts: MigrationPlan["parts"], etcd: string | undefined): string[] {
  const pairs = parts.filter(({ voters }) => voters.includes(2));
  const isApart =
    pairs.some(({ changes }) => changes[0]?.change === "grow") && etcd !== undefined && learnersAtOnce(etcd) < 2;
  if (pairs.length === 0) return [];
  const how = isApart
    ? `etcd ${etcd} takes one new member at a time, so that it has two voters for about 15 s.`
    : "etcd has two voters between two calls of one command.";
  return [`${how} If either is lost just then, the API waits until it is back; nothing is lost.`];
}

function sizeWarnings(cluster: Migrated, { masterSize }: ClusterSpec, changes: readonly SlotChange[]): string[] {
  const stay = cluster.plan.members
    .map(({ name }) => name)
    .filter(
      (name) =>
        !changes.some(({ change, slot, replaces }) => replaces === name || (change === "shrink" && slot === name)),
    );
  if (masterSize === cluster.spec.masterSize || stay.length === 0) return [];
  return [`master ${stay.join(", ")} stays ${cluster.spec.masterSize} until its next replacement`];
}
