export interface GroupInstance {
  readonly instanceId: string;
  /** `Pending:Wait`, `InService`, `Terminating`… (docs/references/aws.md#asg-states) */
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

/** Differences of a master's group from what it must be. Each has one remedy, which never terminates an instance. */
export interface GroupDrift {
  /**
   * Size other than 1. With 0 the master is not replaced. With 2 the second instance never gets the interface and fails
   * to launch.
   */
  readonly sizes: string | null;
  /** Suspended by a person, or by AWS after a day without a successful launch (docs/references/aws.md#no-capacity). */
  readonly suspended: readonly string[];
  /** Instances held by a terminate hook that a user added; masters' groups have none (docs/references/aws.md#hooks). */
  readonly held: readonly string[];
}

/** `launchHeld`: the flow that replaces its instance has suspended `Launch`, and will resume it. */
export function evaluateGroup(
  { minSize, maxSize, desired, suspended, instances }: GroupFacts,
  { launchHeld = false }: { readonly launchHeld?: boolean } = {},
): GroupDrift {
  return {
    sizes:
      minSize === 1 && maxSize === 1 && desired === 1 ? null : `min ${minSize}, max ${maxSize}, desired ${desired}`,
    suspended: suspended.map(({ process }) => process).filter((process) => !(launchHeld && process === "Launch")),
    held: instances
      .filter(({ lifecycleState }) => lifecycleState === "Terminating:Wait")
      .map(({ instanceId }) => instanceId),
  };
}

/**
 * What to correct, for the event history; undefined if nothing. A running instance may be held by its hook for any
 * time.
 */
export function explainDrift(drift: GroupDrift, runs: (instanceId: string) => boolean): string | undefined {
  const parts = [
    drift.sizes === null ? [] : [`its group has ${drift.sizes}`],
    drift.suspended.length === 0 ? [] : [`its group has ${drift.suspended.join(", ")} suspended`],
    drift.held.filter((id) => !runs(id)).map((id) => `${id} has ended and is held by a terminate hook`),
  ].flat();
  return parts.length === 0 ? undefined : parts.join("; ");
}
