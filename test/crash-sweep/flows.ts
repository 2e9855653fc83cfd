import { setTimeout as delay } from "node:timers/promises";
import type { MemberRecord } from "../../functions/domain/records.ts";
import type { World } from "./world.ts";

/** A way that a cluster can be made to go, over and over, with a crash somewhere in it. */
export interface Flow {
  readonly name: string;
  /** May the same cluster go it again? Otherwise each run has a cluster of its own. */
  readonly repeatable: boolean;
  /** Texts by which invocations that work on this cluster are known from those for others. */
  subjects(world: World, cluster: string): Promise<readonly string[]>;
  /** Sets it going. What it resolves with says when it is done: from the state that `isWhole` has found. */
  begin(world: World, cluster: string): Promise<(members: readonly MemberRecord[]) => boolean>;
}

const FREE_AT_ONCE = (): boolean => true;

const create: Flow = {
  name: "create",
  repeatable: false,
  subjects: async (_world, cluster) => [cluster],
  async begin(world, cluster) {
    await world.create(cluster);
    return FREE_AT_ONCE;
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
    repeatable: true,
    subjects: async (world, cluster) => [
      cluster,
      ...(await concerned(world, cluster)).map(({ instanceId }) => instanceId ?? cluster),
    ],
    async begin(world, cluster) {
      const before = await concerned(world, cluster);
      await hurt(world, cluster, before);
      return (now) =>
        before.every(({ member, instanceId }) =>
          now.some((record) => record.member === member && record.instanceId !== instanceId),
        );
    },
  };
}

const fault = async (world: World, request: object): Promise<void> => {
  await world.cloud.faults.begin(request);
};

const terminate = async (world: World, _cluster: string, members: readonly MemberRecord[]): Promise<void> => {
  for (const { instanceId } of members) await fault(world, { kind: "host", action: "terminate", instanceId });
};

/** As the sweep does once it has found it; waiting for beats is not what these flows are about. */
const foundBySweep = (world: World, cluster: string, what: string): void =>
  world.workflows.start("repairmaster", { cluster, detectedBy: `sweep: ${what}`, thorough: true });

export const FLOWS: readonly Flow[] = [
  create,
  repair("repair-one", ["a"], terminate),
  repair("repair-all", ["a", "b", "c"], terminate),
  repair("repair-hung", ["b"], async (world, cluster, members) => {
    for (const { instanceId } of members) await fault(world, { kind: "host", action: "freeze-etcd", instanceId });
    foundBySweep(world, cluster, "etcd hangs");
  }),
  repair("repair-volume", ["c"], async (world, cluster, members) => {
    for (const { volumeId } of members) await fault(world, { kind: "volume", action: "lose", volumeId });
    foundBySweep(world, cluster, "a volume is lost");
  }),
];

const PATIENCE_MS = 120_000;
const SWEEP_MS = 5_000;
const LOOK_MS = 150;

/** Waits until the cluster is whole and free and nothing runs for it. Throws with what it looks like if that takes too long. */
export async function untilWhole(
  world: World,
  cluster: string,
  isDone: (members: readonly MemberRecord[]) => boolean,
): Promise<void> {
  const startedAt = Date.now();
  let sweptAt = startedAt;
  for (;;) {
    const [record, members] = await Promise.all([world.cluster(cluster), world.members(cluster)]);
    const isWhole =
      record?.status === "ACTIVE" &&
      record.operation === null &&
      record.nodes.length === 1 &&
      members.length === 3 &&
      members.every(({ health }) => health === "healthy");
    if (isWhole && isDone(members) && (await world.workflows.running(cluster)).length === 0) return;
    if (record?.status === "FAILED" || Date.now() - startedAt > PATIENCE_MS) {
      const health = members.map(({ member, health: how, instanceId }) => `${member} ${how} ${instanceId}`).join(", ");
      const running = (await world.workflows.running(cluster)).join(", ");
      throw new Error(
        `${record?.status}, held by ${record?.operation}; ${health}; ${record?.nodes.length} nodes; running: ${running}; ` +
          `reason: ${record?.reason}; last error: ${await world.lastError(cluster)}`,
      );
    }
    if (Date.now() - sweptAt > SWEEP_MS) {
      sweptAt = Date.now();
      await world.sweep();
    }
    await delay(LOOK_MS);
  }
}
