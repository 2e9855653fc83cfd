import * as z from "zod";
import type { Read } from "../api/output.ts";

/** `us-west-2a`: region and one letter. Local zones (`us-west-2-lax-1a`) hold no control plane here, as in kops. */
export const ZoneName = z
  .string()
  .max(32)
  .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "an availability zone such as us-west-2a");
/** Lower-case DNS name; it becomes part of resource names, host names and paths, hence the tight alphabet. */
export const ClusterName = z
  .string()
  .max(63)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "a lower-case DNS name such as prod.example.com",
  );
/** The slot of an etcd member and of the master that hosts it: `a`, `b`, `c`… */
export const MemberName = z.string().regex(/^[a-z]$/, "one letter");
export const SecurityGroupId = z
  .string()
  .regex(/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/, "sg- and 8 or 17 hexadecimal digits");
export const InstanceType = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/, "an instance type such as t3.medium");
export const Topology = z.enum(["public", "private"]);
export const MasterZoneFallback = z.enum(["wait", "move"]);
export const ApiLoadBalancerType = z.enum(["public", "internal"]);
export const Networking = z.enum(["cilium", "calico", "flannel", "amazonvpc", "kindnet", "cni"]);

/**
 * What the user asked for, with every default filled in: the stored truth of a cluster. Flags and files become this by
 * `parseSpec`, which reports every problem at once. Units are in the names; `version` is that of the schema.
 */
export const ClusterSpec = z.strictObject({
  version: z.literal(1),
  name: ClusterName,
  region: z.string(),
  /** Zones of the nodes, in the order given. */
  zones: z.array(ZoneName).min(1),
  /** Zone of each master, one entry a master (round-robin already applied); the index is the member's index. */
  masterZones: z.array(ZoneName).min(1),
  nodeCount: z.int().min(0).max(1000),
  nodeSize: InstanceType,
  masterSize: InstanceType,
  /** Types that a master may have instead, in this order, while there is no capacity for the one before; absent: none. */
  masterSizeFallbacks: z.array(InstanceType).max(5).optional(),
  /** A master whose zone launches no instance waits for it (also when absent), or moves to another zone of the cluster. */
  masterZoneFallback: MasterZoneFallback.optional(),
  /** For how long its launches fail before it moves; absent: half an hour. */
  masterZoneFallbackMinutes: z.int().min(1).max(1440).optional(),
  topology: Topology,
  /** `requested` keeps the user's word (`weave`), `used` is the living network that stands for it. */
  networking: z.strictObject({ requested: z.string(), used: Networking }),
  networkCidr: z.string(),
  dnsZone: z.string().optional(),
  /** Whether the API's load balancer has addresses of the internet (also when absent), or of the VPC alone. */
  apiLoadBalancerType: ApiLoadBalancerType.optional(),
  /** Networks that may reach the API, beside the cluster's own; absent: all. */
  adminAccess: z.array(z.string()).min(1).optional(),
  /** Groups that the user brings; attached beside the cluster's own, never changed, never deleted. */
  nodeSecurityGroups: z.array(SecurityGroupId),
  masterSecurityGroups: z.array(SecurityGroupId),
  cloudLabels: z.record(z.string(), z.string()),
  /** `ami-…`, `ssm:<parameter>`, `name` or `owner/name`; absent: the default image of the region. */
  image: z.string().optional(),
  kubernetesVersion: z.string(),
  etcdVolumeGiB: z.int().min(1).max(1024),
});
export type ClusterSpec = Read<typeof ClusterSpec>;

/** One thing wrong with a request: where (`flag` as typed, or a path in a file), what was given, what is expected. */
export interface Problem {
  readonly flag: string;
  readonly value: string;
  readonly message: string;
}
