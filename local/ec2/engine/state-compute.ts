import type { _InstanceType, RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { resourceFields } from "./state.ts";

export const volumeSchema = z.object({
  ...resourceFields,
  zone: z.string(),
  sizeGiB: z.number(),
  type: z.enum(["gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"]),
  iops: z.number().optional(),
  throughput: z.number().optional(),
  encrypted: z.boolean(),
  kmsKeyId: z.string().optional(),
  snapshotId: z.string().optional(),
  state: z.enum(["creating", "available", "in-use", "deleting", "error"]),
  /** A root volume lives inside its host; the host driver knows every other volume by its id. */
  inDriver: z.boolean(),
  attachment: z
    .object({
      instanceId: z.string(),
      device: z.string(),
      state: z.enum(["attaching", "attached", "detaching", "busy"]),
      attachedAt: z.number(),
      deleteOnTermination: z.boolean(),
      /** The driver has put it on the host. */
      onHost: z.boolean(),
    })
    .optional(),
});
export type Volume = z.infer<typeof volumeSchema>;

export const snapshotSchema = z.object({
  ...resourceFields,
  volumeId: z.string(),
  sizeGiB: z.number(),
  encrypted: z.boolean(),
  description: z.string(),
  state: z.enum(["pending", "completed", "error"]),
  /** Copied to a hidden volume of the driver that has the snapshot's id. Root volumes have nothing to copy. */
  inDriver: z.boolean(),
  ownerId: z.string(),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export const imageSchema = z.object({
  ...resourceFields,
  ownerId: z.string(),
  ownerAlias: z.string().optional(),
  name: z.string(),
  description: z.string(),
  architecture: z.enum(["x86_64", "arm64"]),
  isPublic: z.boolean(),
  rootDeviceName: z.string(),
  rootDeviceType: z.enum(["ebs", "instance-store"]).default("ebs"),
  rootSizeGiB: z.number(),
  rootSnapshotId: z.string().optional(),
});
export type Image = z.infer<typeof imageSchema>;

const templateData = z.custom<RequestLaunchTemplateData>((value) => typeof value === "object" && value !== null);

export const launchTemplateSchema = z.object({
  ...resourceFields,
  name: z.string(),
  createdBy: z.string(),
  defaultVersion: z.number(),
  latestVersion: z.number(),
  versions: z.array(
    z.object({
      number: z.number(),
      description: z.string().optional(),
      createdAt: z.number(),
      createdBy: z.string(),
      data: templateData,
    }),
  ),
});
export type LaunchTemplate = z.infer<typeof launchTemplateSchema>;

export const instanceTypeSchema = z.custom<_InstanceType>((value) => typeof value === "string");

export const instanceSchema = z.object({
  ...resourceFields,
  reservationId: z.string(),
  launchIndex: z.number(),
  clientToken: z.string().optional(),
  imageId: z.string(),
  architecture: z.enum(["x86_64", "arm64"]),
  type: instanceTypeSchema,
  vpcId: z.string(),
  subnetId: z.string(),
  zone: z.string(),
  address: z.string(),
  mac: z.string(),
  keyName: z.string().optional(),
  profileArn: z.string().optional(),
  /** As it was given: base64. */
  userData: z.string(),
  rootDeviceName: z.string(),
  ebsOptimized: z.boolean(),
  monitoring: z.boolean(),
  apiTerminationDisabled: z.boolean(),
  shutdownBehavior: z.enum(["stop", "terminate"]),
  metadata: z.object({
    HttpTokens: z.enum(["required", "optional"]),
    HttpPutResponseHopLimit: z.number(),
    HttpEndpoint: z.enum(["enabled", "disabled"]),
    InstanceMetadataTags: z.enum(["enabled", "disabled"]),
  }),
  state: z.enum(["pending", "running", "stopping", "stopped", "shutting-down", "terminated"]),
  stateReason: z.object({ Code: z.string(), Message: z.string() }).optional(),
  /** Why and when it left `running`, as `StateTransitionReason` says it. */
  transition: z.string(),
  launchedAt: z.number(),
  runningAt: z.number().optional(),
  /** A person or a test made its status checks fail. */
  impaired: z.boolean(),
  /** The driver booted a host for it, which must be ended before the instance is `terminated`. */
  hosted: z.boolean(),
  goneAt: z.number().optional(),
  volumeIds: z.array(z.string()),
  networkInterfaceIds: z.array(z.string()),
});
export type Instance = z.infer<typeof instanceSchema>;
