import * as z from "zod";
import type { Read } from "../api/output.ts";
import { VersionsSchema } from "../releases/pinned-versions.ts";
import { ClusterSpec } from "../spec/spec.ts";

const SubnetPlanSchema = z.looseObject({
  zone: z.string(),
  type: z.enum(["public", "private", "utility"]),
  cidr: z.string(),
  /** `us-west-2a` or `utility-us-west-2a`, as kops names them; unique in the cluster. */
  name: z.string(),
});
export type SubnetPlan = Read<typeof SubnetPlanSchema>;
const MemberPlanSchema = z.looseObject({
  name: z.string(),
  zone: z.string(),
  /** Name of its subnet in `Plan.subnets`. */
  subnet: z.string(),
  /**
   * Fixed for as long as the member stays in its zone. At first the 11th address of the subnet onwards, so never one
   * that AWS reserves; of one that has moved to another zone, the one that EC2 gave its interface there.
   */
  address: z.string(),
});
/** A member of the control plane: an identity, not an instance. */
export type MemberPlan = Read<typeof MemberPlanSchema>;

const NodePlanSchema = z.looseObject({ zone: z.string(), count: z.number(), subnet: z.string() });
export type NodePlan = Read<typeof NodePlanSchema>;

export const CostSchema = z.looseObject({
  currency: z.literal("USD"),
  /** Sum of what the table of prices knows; null if it knows nothing of the Region. */
  monthly: z.number().nullable(),
  items: z.array(
    z.looseObject({
      /** `t3.medium instances`, `NAT gateways`… */
      what: z.string(),
      count: z.number(),
      /** A month of one, in USD; null if the price table does not have it. */
      each: z.number().nullable(),
      monthly: z.number().nullable(),
    }),
  ),
  /** Date of the prices. */
  asOf: z.string(),
  region: z.string(),
});
/** What a plan costs a month of 730 hours by AWS's list prices. What depends on use is not in it: traffic, DNS queries, logs. */
export type Cost = Read<typeof CostSchema>;
export type CostItem = Cost["items"][number];

export const PlanSchema = z.looseObject({
  members: z.array(MemberPlanSchema),
  nodes: z.array(NodePlanSchema),
  subnets: z.array(SubnetPlanSchema),
  quorum: z.looseObject({ size: z.number(), needed: z.number() }),
  /** How many masters may be lost at once, and which zones may be lost one at a time, with the API still answering. */
  survives: z.looseObject({ masters: z.number(), zones: z.array(z.string()) }),
  network: z.looseObject({
    requested: z.string(),
    used: z.string(),
    cidr: z.string(),
    /** Blocks that were added to the VPC when zones came for which the first one had no room. */
    furtherCidrs: z.array(z.string()).exactOptional(),
    pods: z.string(),
    services: z.string(),
  }),
  /** How many of each kind of resource will exist. */
  resources: z.record(z.string(), z.number()),
  /** Plans that were stored before there were prices have none. */
  cost: CostSchema.exactOptional(),
});
/** What a spec means, as pure data that can be printed, compared and executed. */
export type Plan = Read<typeof PlanSchema>;

export const PlannedClusterSchema = z.looseObject({
  spec: ClusterSpec,
  plan: PlanSchema,
  /** What it would run; an API that is older than this field does not say. */
  versions: VersionsSchema.exactOptional(),
  warnings: z.array(z.string()),
});
export type PlannedCluster = Read<typeof PlannedClusterSchema>;
