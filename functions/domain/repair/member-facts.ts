import type { KubernetesDown } from "./kubernetes-health.ts";
import type { MemberAnswer } from "./quorum.ts";

/** What was just read about one member, from EC2 and from etcd itself. */
export interface MemberFacts {
  readonly member: string;
  /** Its instance: there and running (or about to), or not. */
  readonly instance: "running" | "gone";
  /**
   * Its volume: usable; lost (deleted, or in state `error`); or damaged: etcd or the boot script did not take it on a
   * fresh instance. The data of the last two will not come back.
   */
  readonly volume: "intact" | "lost" | "damaged";
  /** Which volume is damaged, and what was said of it. */
  readonly damage?: string;
  /** It was renewed lately, in vain: not again for a while. */
  readonly pausing?: boolean;
  /** Kubernetes does not work there, or its boot does not end, for too long. */
  readonly kubernetes?: KubernetesDown | undefined;
  /** Why it cannot serve its data on the instance that runs (`served-data.ts`): no vote is lost with that instance. */
  readonly withoutData?: string | undefined;
  /** An instance that is not the cluster's, and lives, holds its volume: which. */
  readonly heldBy?: string | undefined;
  /** It does not answer, but not for so long that anybody should act on it. */
  readonly doubted?: boolean;
  /** Its zone has launched no instance for so long that it may move to this one. */
  readonly moveTo?: string;
  /** Its move there was decided, and may be half done. */
  readonly moving?: boolean;
  /** Something of it is left in a zone that it has moved away from, and it is time to remove it. */
  readonly remains?: boolean;
  readonly answer: MemberAnswer;
  /** AWS will take the instance away: who said so. */
  readonly notice?: string | undefined;
  /** Its certificates expire before long. */
  readonly expiring?: string | undefined;
}
