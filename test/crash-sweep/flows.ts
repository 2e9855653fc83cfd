import { setTimeout as delay } from "node:timers/promises";
import type { ClusterRecord, MemberRecord } from "../../functions/domain/cluster/records.ts";
import { MIGRATE_FLOWS } from "./migrate-flows.ts";
import type { World } from "./world.ts";

/** What is on record of a cluster. */
export interface State {
  readonly record: ClusterRecord | undefined;
  readonly members: readonly MemberRecord[];
}

type IsDone = (state: State) => boolean;

/** A way that a cluster can be made to go, over and over, with a crash somewhere in it. */
export interface Flow {
  readonly name: string;
  /** What a run begins with: nothing, a cluster that was just created, or one that may have gone this way before. */
  readonly beginsWith: "nothing" | "new cluster" | "any cluster";
  /** Where that cluster has its masters; in three zones if not given. */
  readonly masterZones?: readonly string[];
  /** Texts by which invocations that work on this cluster are known from those for others. */
  subjects(world: World, cluster: string): Promise<readonly string[]>;
  /** Sets it going. What it resolves with says, once nothing works on the cluster any more, whether it is done. */
  begin(world: World, cluster: string): Promise<IsDone>;
  /** What is wrong with the cluster once it is done, besides what is compared for all flows. */
  check?(world: World, cluster: string): Promise<string[]>;
}

/** Active, each of its members healthy, so many nodes. */
export function isWhole({ record, members }: State, { nodes = 1, masters = 3 } = {}): boolean {
  return (
    record?.status === "ACTIVE" &&
    record.nodes.length === nodes &&
    members.length === masters &&
    members.every(({ health }) => health === "healthy")
  );
}

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

async function fault(world: World, request: object): Promise<void> {
  await world.cloud.faults.begin(request);
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
];

const RETRY_FOR_MS = 240_000;
const RECONCILE_MS = 5_000;
const LOOK_MS = 150;

/** Waits until it is done and nothing works on the cluster. Throws with what it looks like if that takes too long. */
export async function untilDone(world: World, cluster: string, isDone: IsDone): Promise<void> {
  const startedAt = Date.now();
  let reconciledAt = startedAt;
  for (;;) {
    const [record, members] = await Promise.all([world.cluster(cluster), world.members(cluster)]);
    const isFree = record?.operation === null;
    if (isFree && isDone({ record, members }) && (await world.workflows.running(cluster)).length === 0) return;
    if (record?.status === "FAILED" || Date.now() - startedAt > RETRY_FOR_MS) {
      const health = members.map(({ member, health: how, instanceId }) => `${member} ${how} ${instanceId}`).join(", ");
      const running = (await world.workflows.running(cluster)).join(", ");
      throw new Error(
        `${record?.status}, held by ${record?.operation}; ${health}; ${record?.nodes.length} nodes; running: ${running}; ` +
          `reason: ${record?.reason}; last error: ${await world.lastError(cluster)}`,
      );
    }
    if (Date.now() - reconciledAt > RECONCILE_MS) {
      reconciledAt = Date.now();
      await world.reconcile();
    }
    await delay(LOOK_MS);
  }
}
