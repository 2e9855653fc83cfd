import * as z from "zod";

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
/** The slot of an etcd member and of the master that hosts it: `a` to `z`, then `aa` to `zz`. */
export const MemberName = z.string().regex(/^[a-z]{1,2}$/, "one or two letters");
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
/** Hours, days, days, each longer than the one before. */
/** How often a backup is proven. */
export const Drill = z.enum(["weekly", "off"]);
export const BackupRetention = z.string().regex(/^\d{1,4}h,\d{1,3}d,\d{1,4}d$/, "three times such as 6h,7d,90d");

/** What happens by itself once the volumes of a majority are gone; absent: nothing. */
export const RestorePolicy = z.strictObject({ quorumLoss: z.literal("survivor") });
/** How a request may write it. */
export const GivenRestorePolicy = z.union([
  z.enum(["survivor", "off"]),
  z.strictObject({ quorumLoss: z.enum(["survivor", "off"]) }),
]);

/** A whole number within bounds. */
export function whole({ min, max }: { readonly min: number; readonly max: number }) {
  return z.int().min(min).max(max);
}
