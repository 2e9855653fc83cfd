import { setTimeout as delay } from "node:timers/promises";
import type { ClusterRecord, MemberRecord } from "../../functions/domain/cluster/records.ts";
import type { World } from "./world.ts";

/** What is on record of a cluster. */
export interface State {
  readonly record: ClusterRecord | undefined;
  readonly members: readonly MemberRecord[];
}

export type IsDone = (state: State) => boolean;

/** A way that a cluster can be made to go, over and over, with a crash somewhere in it. */
export interface Flow {
  readonly name: string;
  /** What a run begins with: nothing, a cluster that was just created, or one that may have gone this way before. */
  readonly beginsWith: "nothing" | "new cluster" | "any cluster";
  /** Where that cluster has its masters; in three zones if not given. */
  readonly masterZones?: readonly string[];
  /** The functions, by a part of their names, whose calls are gone through; all of them without it. */
  readonly steps?: RegExp;
  /** Only the first invocation that makes each call: how often the next ones poll is different in each run. */
  readonly firstOnly?: boolean;
  /** What is done first, without a crash: a run begins with what it leaves. */
  prepare?(world: World, cluster: string): Promise<void>;
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

export async function fault(world: World, request: object): Promise<void> {
  await world.cloud.faults.begin(request);
}

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
