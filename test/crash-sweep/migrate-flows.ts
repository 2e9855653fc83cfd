import { TAG } from "../../functions/domain/cluster/naming.ts";
import type { Flow, State } from "./flow.ts";
import { membersInEtcd } from "./members-in-etcd.ts";
import type { World } from "./world.ts";

const [A, B, C, D] = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] as const;

/** Masters go from some zones to others, in a cluster that was just created. */
function migrate(name: string, from: readonly string[], to: readonly string[]): Flow {
  return {
    name: `migrate-${name}`,
    beginsWith: "new cluster",
    masterZones: from,
    subjects: async (_world, cluster) => [cluster],
    async begin(world, cluster) {
      await world.request("POST", `/clusters/${cluster}/migrate`, { masterZones: to });
      return (state) => hasMigrated(state, to);
    },
    check: async (world, cluster) => [
      ...(await compareMembers(world, cluster)),
      ...(await compareSnapshots(world, cluster)),
    ],
  };
}

export function hasMigrated({ record, members }: State, to: readonly string[]): boolean {
  return (
    record?.status === "ACTIVE" &&
    !record.migration &&
    record.spec.masterZones.join() === to.join() &&
    members.length === to.length &&
    members.every(({ health, migrating }) => health === "healthy" && !migrating)
  );
}

/** etcd has exactly the members that are on record, and all of them vote. */
export async function compareMembers(world: World, cluster: string): Promise<string[]> {
  const record = await world.cluster(cluster);
  const members = await world.members(cluster);
  const planned = new Map(record?.plan.members.map(({ name, address }) => [address, name]));
  const recorded = members.map(({ member }) => member).toSorted();
  const listed = (await membersInEtcd(world, members)).map(({ address, learner }) => {
    return `${planned.get(address) ?? `nobody at ${address}`}${learner ? " as a learner" : ""}`;
  });
  const plan = [...planned.values()].toSorted();
  const [onRecord, inPlan, inEtcd] = [recorded, plan, listed.toSorted()].map((names) => names.join(", "));
  return onRecord === inPlan && inPlan === inEtcd
    ? []
    : [`members differ: records ${onRecord}; plan ${inPlan}; etcd ${inEtcd}`];
}

/** Of each master that left there is one snapshot of its data, and no other. */
export async function compareSnapshots(world: World, cluster: string): Promise<string[]> {
  const { uid, retiredSlots = [] } = (await world.cluster(cluster)) ?? {};
  const kept = world.cloud.services.ec2.store.snapshots
    .list()
    .filter(({ tags }) => tags[TAG.uid] === uid)
    .map(({ tags }) => tags[TAG.member] ?? "nobody");
  const [found, expected] = [kept, retiredSlots].map((slots) => slots.toSorted().join(", "));
  return found === expected ? [] : [`snapshots of ${found} instead of ${expected}`];
}

/** Each change of single slots: two that grow, one that is swapped (into a new zone, and of a single master), two that go. */
export const MIGRATE_FLOWS: readonly Flow[] = [
  migrate("grow", [A], [A, B, C]),
  migrate("swap", [A, B, C], [A, B, D]),
  migrate("swap-single", [A], [B]),
  migrate("shrink", [A, B, C], [A]),
];
