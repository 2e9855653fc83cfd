import { setTimeout as delay } from "node:timers/promises";
import type { ClusterView } from "../../../functions/domain/api/views.ts";
import { isWhole } from "../invariants/observations.ts";
import type { Watcher } from "../invariants/watcher.ts";
import { eventually, type Scenario } from "../scenario.ts";
import { type NemesisStep, planNemesis } from "./nemesis-plan.ts";

/** A repair, and a migration that it interrupted. */
const WHOLE_LIMIT_MS = 480_000;

/** A step as it was executed. */
export interface StepDone {
  readonly step: NemesisStep;
  readonly members: readonly string[];
  readonly ledByFirst: boolean;
  /** From the fault to a whole cluster, in milliseconds. */
  readonly healedMs: number;
}

export interface Arena {
  readonly scenario: Scenario;
  readonly cluster: string;
  readonly watcher: Watcher;
}

/**
 * Executes the plan of a seed, step by step, until the time is over. `beforeEach` may begin what a step then strikes. The
 * cluster is whole when this resolves.
 */
export async function torment(
  arena: Arena,
  { seed, seconds, say }: { seed: number; seconds: number; say: (line: string) => void },
  beforeEach: () => Promise<void> = async () => {},
): Promise<StepDone[]> {
  const done: StepDone[] = [];
  const deadline = Date.now() + seconds * 1_000;
  for (const step of planNemesis(seed)) {
    if (Date.now() > deadline) return done;
    await beforeEach();
    await delay(step.pauseMs);
    const one = await strike(arena, step);
    done.push(one);
    say(
      `${step.action} ${one.members.join(", ")}${one.ledByFirst ? " (the leader)" : ""}: whole after ${one.healedMs} ms`,
    );
  }
  return done;
}

/** One step: the fault, its end if it has one, and then Holdfast's time to make the cluster whole. */
export async function strike(arena: Arena, step: NemesisStep): Promise<StepDone> {
  const { scenario, cluster } = arena;
  const { faults } = scenario.cloud;
  const before = await scenario.cluster(cluster);
  const leader = await eventually(
    async () => leaderOf(arena.watcher),
    (name) => name !== undefined,
    30_000,
  );
  const order = [leader ?? "a", ...before.members.map(({ name }) => name).filter((name) => name !== leader)];
  const members = step.places.flatMap((place) => order[place] ?? []);
  const targets = before.members.filter(({ name }) => members.includes(name)).map(({ instanceId }) => instanceId ?? "");
  const begun = Date.now();
  const ids = await Promise.all(
    targets.map(async (instanceId) => (await faults.begin({ kind: "host", action: step.action, instanceId })).id),
  );
  await delay(step.holdMs);
  for (const id of ids) await faults.end(id);
  const lost = step.action === "terminate" || step.action === "crash" ? targets : [];
  await untilWhole(arena, lost);
  return { step, members, ledByFirst: members[0] === leader, healedMs: Date.now() - begun };
}

/** Who leads; of a leader that nobody looks at, since a migration added it, the first that follows it. */
function leaderOf(watcher: Watcher): string | undefined {
  const members = (watcher.latest()?.members ?? []).filter(({ leaderId }) => leaderId !== null && leaderId !== "0");
  return (members.find(({ memberId, leaderId }) => memberId === leaderId) ?? members[0])?.member;
}

/** The API and etcd both say so, and none of the lost instances is a master any more. */
export async function untilWhole({ scenario, cluster, watcher }: Arena, lost: readonly string[]): Promise<ClusterView> {
  const found = await eventually(
    // On a busy machine a connection may end just then: that is no answer of the cluster.
    () => scenario.cluster(cluster).catch(() => undefined),
    (view) => {
      const sample = watcher.latest();
      if (view === undefined) return false;
      const { status, operation, members } = view;
      return (
        status === "ACTIVE" &&
        operation === null &&
        members.every(({ health, instanceId }) => health === "healthy" && !lost.includes(instanceId ?? "")) &&
        sample !== undefined &&
        isWhole(sample, sample.members.length)
      );
    },
    WHOLE_LIMIT_MS,
  );
  if (found === undefined) throw new Error(`${cluster} is not whole`);
  return found;
}
