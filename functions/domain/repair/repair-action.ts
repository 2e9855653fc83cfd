/** The next action of a repair. A repair does one action, then reads the facts again. */
export type RepairAction =
  /** Nothing is wrong. */
  | { readonly kind: "whole" }
  /** Every member answers, but they do not agree yet, probably because of an election. Wait. */
  | { readonly kind: "verify"; readonly reason: string }
  /**
   * A member does not answer for a moment. Nothing is removed until it is clear whether it comes back
   * (docs/references/faults.md#q1).
   */
  | { readonly kind: "wait"; readonly reason: string }
  /** Instances are gone, members are not: all of these come back unchanged, at once. */
  | { readonly kind: "place"; readonly members: readonly string[]; readonly reason: string }
  /**
   * These run without their data, which still exists. Their instances are terminated, and all get instances that have
   * it. Members without an instance come back with them, since a majority may need both.
   */
  | { readonly kind: "reattach"; readonly members: readonly string[]; readonly reason: string }
  /**
   * The instance runs, but its etcd does not answer: terminate the instance and place another. One at a time, never
   * without quorum.
   */
  | {
      readonly kind: "replace";
      readonly member: string;
      readonly reason: string;
      /** Its boot does not end: to be counted, since the next one's may not either. */
      readonly unfinished?: true;
    }
  /**
   * All members are healthy, but AWS will take away this instance, or its certificates expire: replace it first. One at
   * a time.
   */
  | {
      readonly kind: "retire";
      readonly member: string;
      readonly cause: "interruption" | "certificates";
      readonly reason: string;
    }
  /**
   * The member's data is lost: remove the member and add it again with a new volume. One at a time, never without
   * quorum.
   */
  | { readonly kind: "renew"; readonly member: string; readonly reason: string }
  /**
   * The member's zone launches nothing: remove the member and add it again in another zone. One at a time, never
   * without quorum.
   */
  | { readonly kind: "move"; readonly member: string; readonly zone: string; readonly reason: string }
  /** All members are healthy; a member's former resources are deleted. */
  | { readonly kind: "clean-up"; readonly member: string; readonly reason: string }
  /** The member joined as a learner with a fresh volume: make it a voter once it has caught up. */
  | { readonly kind: "promote"; readonly member: string; readonly reason: string }
  /** No safe action is left: a person must decide. `error` names the remedy. */
  | {
      readonly kind: "stuck";
      readonly error: "QuorumAtRisk" | "SpaceExhausted" | "CatchUpFailed" | "VolumeHeld";
      readonly reason: string;
    };
