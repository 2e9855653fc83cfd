import type { KubernetesDown } from "./kubernetes-health.ts";
import type { MemberAnswer } from "./quorum.ts";

/** Facts about one member, just read from EC2 and from etcd. */
export interface MemberFacts {
  readonly member: string;
  /** Its instance: running or starting, or not. */
  readonly instance: "running" | "gone";
  /**
   * Its volume: `intact`; `lost` (deleted, or in state `error`); or `damaged` (etcd or the boot script rejected it on a
   * new instance). The data of the last two is gone.
   */
  readonly volume: "intact" | "lost" | "damaged";
  /** Which volume is damaged, and what was said of it. */
  readonly damage?: string;
  /** It was renewed recently without success; it is not renewed again for a while. */
  readonly pausing?: boolean;
  /** Kubernetes does not work there, or its boot does not end, for too long. */
  readonly kubernetes?: KubernetesDown | undefined;
  /** Why its current instance cannot serve its data (`served-data.ts`). No vote is lost with that instance. */
  readonly withoutData?: string | undefined;
  /** A running foreign instance that holds its volume. */
  readonly heldBy?: string | undefined;
  /** It does not answer, but not long enough for an action. */
  readonly inDoubt?: boolean;
  /** Its zone has launched no instance for so long that it may move to this one. */
  readonly moveTo?: string;
  /** Its move there was decided, and may be half done. */
  readonly moving?: boolean;
  /** Former resources in a zone that it has left are due for deletion. */
  readonly formerResources?: boolean;
  readonly answer: MemberAnswer;
  /** AWS will take away the instance: the event that announced it. */
  readonly interruption?: string | undefined;
  /** Its certificates expire before long. */
  readonly expiring?: string | undefined;
}
