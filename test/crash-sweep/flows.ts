import type { MemberRecord } from "../../functions/domain/cluster/records.ts";
import { BACKUP_FLOWS } from "./backup-flows.ts";
import { type Flow, fault, isWhole } from "./flow.ts";
import { MIGRATE_FLOWS } from "./migrate-flows.ts";
import type { World } from "./world.ts";

const create: Flow = {
  name: "create",
  beginsWith: "nothing",
  subjects: async (_world, cluster) => [cluster],
  async begin(world, cluster) {
    await world.create(cluster);
    return isWhole;
  },
};

/** Two changes at once: one that a group executes, and one that its launch template does. */
const update: Flow = {
  name: "update",
  beginsWith: "new cluster",
  subjects: async (_world, cluster) => [cluster],
  async begin(world, cluster) {
    await world.request("PATCH", `/clusters/${cluster}`, { spec: { nodeCount: 2, nodeSize: "m5.large" } });
    return (state) => isWhole(state, { nodes: 2 });
  },
};

const remove: Flow = {
  name: "delete",
  beginsWith: "new cluster",
  subjects: async (_world, cluster) => [cluster],
  async begin(world, cluster) {
    await world.request("DELETE", `/clusters/${cluster}`);
    return ({ record }) => record?.status === "DELETED";
  },
};

/** Repairs begin with a whole cluster, and end when the members in question have other instances. */
function repair(
  name: string,
  members: readonly string[],
  hurt: (world: World, cluster: string, members: readonly MemberRecord[]) => Promise<void>,
): Flow {
  const concerned = async (world: World, cluster: string) =>
    (await world.members(cluster)).filter(({ member }) => members.includes(member));
  return {
    name,
    beginsWith: "any cluster",
    subjects: async (world, cluster) => [
      cluster,
      ...(await concerned(world, cluster)).map(({ instanceId }) => instanceId ?? cluster),
    ],
    async begin(world, cluster) {
      const before = await concerned(world, cluster);
      await hurt(world, cluster, before);
      return (state) =>
        isWhole(state) &&
        before.every(({ member, instanceId }) =>
          state.members.some((record) => record.member === member && record.instanceId !== instanceId),
        );
    },
  };
}

async function terminate(world: World, _cluster: string, members: readonly MemberRecord[]): Promise<void> {
  for (const { instanceId } of members) await fault(world, { kind: "host", action: "terminate", instanceId });
}

/** As the reconciler does; these flows do not test the wait for heartbeats. */
function foundByReconcile(world: World, cluster: string, what: string): void {
  world.workflows.start("repairmaster", { cluster, detectedBy: `reconcile: ${what}`, thorough: true });
}

export const FLOWS: readonly Flow[] = [
  create,
  update,
  remove,
  repair("repair-one", ["a"], terminate),
  repair("repair-all", ["a", "b", "c"], terminate),
  repair("repair-hung", ["b"], async (world, cluster, members) => {
    for (const { instanceId } of members) await fault(world, { kind: "host", action: "freeze-etcd", instanceId });
    foundByReconcile(world, cluster, "etcd hangs");
  }),
  repair("repair-volume", ["c"], async (world, cluster, members) => {
    for (const { volumeId } of members) await fault(world, { kind: "volume", action: "lose", volumeId });
    foundByReconcile(world, cluster, "a volume is lost");
  }),
  ...MIGRATE_FLOWS,
  ...BACKUP_FLOWS,
];
