import { masterRootGiB, nodeRootGiB } from "../plan/disks.ts";
import { spreadNodes } from "../plan/spread-nodes.ts";

/** What effects of changes depend on. */
export interface ChangingSpec {
  readonly zones: readonly string[];
  readonly nodeCount: number;
  readonly nodeSize: string;
  readonly masterSize: string;
  readonly nodeRootVolumeGiB?: number | undefined;
  readonly masterRootVolumeGiB?: number | undefined;
  readonly masterZoneFallback?: "wait" | "move" | undefined;
  readonly backupIntervalMinutes?: number | undefined;
  readonly drill?: "weekly" | "off" | undefined;
}

export function effectOfCount(from: ChangingSpec, to: ChangingSpec): string {
  const before = new Map(spreadNodes(from.nodeCount, from.zones).map(({ zone, count }) => [zone, count]));
  const moves = spreadNodes(to.nodeCount, to.zones)
    .filter(({ zone, count }) => before.get(zone) !== count)
    .map(({ zone, count }) => `${zone} ${before.get(zone) ?? 0} → ${count}`);
  const leaving = to.nodeCount < from.nodeCount ? "; those that go are ended without being drained" : "";
  return `${moves.join(", ")}${leaving}`;
}

export function effectOfNodeSize({ nodeCount, nodeSize }: ChangingSpec): string {
  if (nodeCount === 0) return "from the first node on";
  return `on nodes launched from now on; those that run stay ${nodeSize} until they are replaced`;
}

export function effectOfMasterSize({ masterSize }: ChangingSpec): string {
  return `at each master's next replacement; until then it stays ${masterSize}`;
}

export function effectOfNodeRoot(from: ChangingSpec): string {
  if (from.nodeCount === 0) return "from the first node on";
  return `on nodes launched from now on; those that run keep ${nodeRootGiB(from)} GiB until they are replaced`;
}

export function effectOfMasterRoot(from: ChangingSpec): string {
  return `at each master's next replacement; until then it keeps ${masterRootGiB(from)} GiB`;
}

export function effectOfZoneFallback(_: ChangingSpec, { masterZoneFallback }: ChangingSpec): string {
  return masterZoneFallback === "move"
    ? "from now on a master whose zone launches nothing for long moves to another zone"
    : "from now on a master waits for its zone; one that has moved stays where it is";
}

export function effectOfBackupInterval(_: ChangingSpec, { backupIntervalMinutes }: ChangingSpec): string {
  return backupIntervalMinutes === 0
    ? "from now on no backup is taken; those that exist stay"
    : "from the next backup on";
}

export function effectOfDrill(_: ChangingSpec, { drill }: ChangingSpec): string {
  return drill === "off" ? "from now on no backup is tried" : "from now on a backup is tried each week";
}
