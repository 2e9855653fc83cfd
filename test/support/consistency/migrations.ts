import { setTimeout as delay } from "node:timers/promises";
import { randomFrom } from "../../../local/faults/random.ts";
import { type Arena, type StepDone, torment, untilWhole } from "./nemesis.ts";

const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const THREE = [A, B, C];
const FIVE = [A, B, C, A, B];
/** From a backup to a vote takes about so long: faults strike anywhere in it. */
const STRIKE_WITHIN_MS = 40_000;

/**
 * The nemesis of a seed, while masters are added and removed: each fault strikes within a migration. Members that stay
 * are those that clients use. In the end there are three again.
 */
export async function tormentMigrations(
  arena: Arena,
  options: { readonly seed: number; readonly seconds: number; readonly say: (line: string) => void },
): Promise<StepDone[]> {
  const random = randomFrom(options.seed);
  const steps = await torment(arena, options, async () => {
    await migrate(arena, options.say);
    await delay(random() * STRIKE_WITHIN_MS);
  });
  await untilWhole(arena, []);
  await migrate(arena, options.say, THREE);
  return steps;
}

/** Begins, and does not wait. One that a fault has stopped continues. */
export async function migrate(
  { scenario, cluster }: Arena,
  say: (line: string) => void,
  wanted?: readonly string[],
): Promise<void> {
  const { members, migration } = await scenario.cluster(cluster);
  const next = wanted ?? (members.length === FIVE.length ? THREE : FIVE);
  const zones = migration?.to ?? next;
  const asked = ["migrate", "cluster", cluster, "--master-zones", zones.join(","), "--yes"];
  const { code, stdout, stderr } = await scenario.holdfast(...asked);
  if (code !== 0) throw new Error(stderr);
  say(stdout.trim());
}
