import type { Versions } from "../releases/pinned-versions.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import type { Cost } from "./cost.ts";

export type SubnetType = "public" | "private" | "utility";

export interface SubnetPlan {
  readonly zone: string;
  readonly type: SubnetType;
  readonly cidr: string;
  /** `us-west-2a` or `utility-us-west-2a`, as kops names them; unique in the cluster. */
  readonly name: string;
}

/** A member of the control plane: an identity, not an instance. */
export interface MemberPlan {
  readonly name: string;
  readonly zone: string;
  /** Name of its subnet in `Plan.subnets`. */
  readonly subnet: string;
  /**
   * Fixed for as long as the member stays in its zone. At first the 11th address of the subnet onwards, so never one
   * that AWS reserves; of one that has moved to another zone, the one that EC2 gave its interface there.
   */
  readonly address: string;
}

export interface NodePlan {
  readonly zone: string;
  readonly count: number;
  readonly subnet: string;
}

/** What a spec means, as pure data that can be printed, compared and executed. */
export interface Plan {
  readonly members: readonly MemberPlan[];
  readonly nodes: readonly NodePlan[];
  readonly subnets: readonly SubnetPlan[];
  readonly quorum: { readonly size: number; readonly needed: number };
  /** How many masters may be lost at once, and which zones may be lost one at a time, with the API still answering. */
  readonly survives: { readonly masters: number; readonly zones: readonly string[] };
  readonly network: {
    readonly requested: string;
    readonly used: string;
    readonly cidr: string;
    readonly pods: string;
    readonly services: string;
  };
  /** How many of each kind of resource will exist. */
  readonly resources: Readonly<Record<string, number>>;
  /** Plans that were stored before there were prices have none. */
  readonly cost?: Cost;
}

export interface PlannedCluster {
  readonly spec: ClusterSpec;
  readonly plan: Plan;
  /** What it would run; an API that is older than this field does not say. */
  readonly versions?: Versions;
  readonly warnings: readonly string[];
}
