export interface GroupInstance {
  readonly instanceId: string;
  /** `Pending:Wait`, `InService`, `Terminating`… (aws-facts §2.3) */
  readonly lifecycleState: string;
  readonly healthy: boolean;
}

/** What Auto Scaling says of a group. */
export interface GroupFacts {
  readonly name: string;
  /** Of the cluster that it says it belongs to. */
  readonly uid: string;
  readonly launchTemplateId: string | undefined;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desired: number;
  readonly suspended: readonly { readonly process: string; readonly reason: string }[];
  readonly instances: readonly GroupInstance[];
}

/** How a master's group differs from what it must be. Each part has one remedy, and none of them ends an instance. */
export interface GroupDrift {
  /** Not of size 1: with 0 a master is not replaced; a second one never gets the member's interface, so it fails to launch for ever. */
  readonly sizes: string | null;
  /** Suspended by a person, or by AWS after a day without one successful launch (aws-facts §2.5). */
  readonly suspended: readonly string[];
  /** Instances that a terminate hook holds: masters have none, but a user may have left one (aws-facts §2.4). */
  readonly held: readonly string[];
}

/** `launchHeld`: the flow that replaces its instance has suspended `Launch`, and will resume it. */
export const judgeGroup = (
  { minSize, maxSize, desired, suspended, instances }: GroupFacts,
  { launchHeld = false }: { readonly launchHeld?: boolean } = {},
): GroupDrift => ({
  sizes: minSize === 1 && maxSize === 1 && desired === 1 ? null : `min ${minSize}, max ${maxSize}, desired ${desired}`,
  suspended: suspended.map(({ process }) => process).filter((process) => !(launchHeld && process === "Launch")),
  held: instances
    .filter(({ lifecycleState }) => lifecycleState === "Terminating:Wait")
    .map(({ instanceId }) => instanceId),
});

/** What is to be put right, for the story; undefined if nothing is. An instance that still runs may be held as long as its hook likes. */
export const explainDrift = (drift: GroupDrift, runs: (instanceId: string) => boolean): string | undefined => {
  const parts = [
    drift.sizes === null ? [] : [`its group has ${drift.sizes}`],
    drift.suspended.length === 0 ? [] : [`its group has ${drift.suspended.join(", ")} suspended`],
    drift.held.filter((id) => !runs(id)).map((id) => `${id} has ended and is held by a terminate hook`),
  ].flat();
  return parts.length === 0 ? undefined : parts.join("; ");
};
