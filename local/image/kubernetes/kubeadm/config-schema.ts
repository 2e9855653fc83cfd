import { z } from "zod";
import { parseDuration } from "../common/duration.ts";

/**
 * `kubeadm.k8s.io/v1beta4`: https://kubernetes.io/docs/reference/config-api/kubeadm-config.v1beta4/
 * All fields of the kinds that Holdfast writes are known, also those without effect here, so that only a misspelt one is refused.
 */
const header = { apiVersion: z.literal("kubeadm.k8s.io/v1beta4") };
const durationSchema = z.string().refine((text) => parseDuration(text) !== undefined, "is no duration, such as 4m0s");
const argumentSchema = z.strictObject({ name: z.string(), value: z.string() });
const patchesSchema = z.strictObject({ directory: z.string().optional() });
const addressSchema = z.union([z.ipv4(), z.ipv6()]);
const tokenSchema = z.string().regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, "the bootstrap token is invalid");

const taintSchema = z.strictObject({
  key: z.string(),
  value: z.string().optional(),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
  timeAdded: z.string().optional(),
});

const nodeRegistrationSchema = z.strictObject({
  name: z.string().optional(),
  criSocket: z.string().optional(),
  taints: z.array(taintSchema).optional(),
  kubeletExtraArgs: z.array(argumentSchema).default([]),
  ignorePreflightErrors: z.array(z.string()).optional(),
  imagePullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).optional(),
  imagePullSerial: z.boolean().optional(),
});
export type NodeRegistration = z.infer<typeof nodeRegistrationSchema>;

const timeoutsSchema = z.strictObject({
  controlPlaneComponentHealthCheck: durationSchema.optional(),
  kubeletHealthCheck: durationSchema.optional(),
  kubernetesAPICall: durationSchema.optional(),
  etcdAPICall: durationSchema.optional(),
  tlsBootstrap: durationSchema.optional(),
  discovery: durationSchema.optional(),
  upgradeManifests: durationSchema.optional(),
});

const localApiEndpointSchema = z.strictObject({
  advertiseAddress: addressSchema,
  bindPort: z.number().int().min(1).max(65_535).default(6443),
});

export const initConfigurationSchema = z.strictObject({
  ...header,
  kind: z.literal("InitConfiguration"),
  bootstrapTokens: z.array(z.looseObject({ token: tokenSchema })).optional(),
  dryRun: z.boolean().optional(),
  nodeRegistration: nodeRegistrationSchema.prefault({}),
  localAPIEndpoint: localApiEndpointSchema,
  certificateKey: z.string().optional(),
  skipPhases: z.array(z.string()).default([]),
  patches: patchesSchema.optional(),
  timeouts: timeoutsSchema.default({}),
});
export type InitConfiguration = z.infer<typeof initConfigurationSchema>;

const volumeSchema = z.strictObject({
  name: z.string(),
  hostPath: z.string(),
  mountPath: z.string(),
  readOnly: z.boolean().optional(),
  pathType: z.string().optional(),
});

const componentFields = {
  extraArgs: z.array(argumentSchema).default([]),
  extraVolumes: z.array(volumeSchema).optional(),
  extraEnvs: z.array(z.looseObject({ name: z.string() })).optional(),
};

const etcdSchema = z.strictObject({
  // A local etcd would be kubeadm's own static pod; Holdfast runs etcd itself, so there is nothing behind it here.
  external: z.strictObject({
    endpoints: z.array(z.url({ protocol: /^https$/ })).min(1),
    httpEndpoints: z.array(z.url()).optional(),
    caFile: z.string(),
    certFile: z.string(),
    keyFile: z.string(),
  }),
});

export const clusterConfigurationSchema = z.strictObject({
  ...header,
  kind: z.literal("ClusterConfiguration"),
  etcd: etcdSchema,
  networking: z
    .strictObject({
      serviceSubnet: z.cidrv4().default("10.96.0.0/12"),
      podSubnet: z.cidrv4().optional(),
      dnsDomain: z.string().default("cluster.local"),
    })
    .prefault({}),
  kubernetesVersion: z
    .string()
    .regex(/^v?\d+\.\d+\.\d+$/, "is no version, such as v1.37.1")
    .optional(),
  controlPlaneEndpoint: z.string().regex(/^[^\s:/]+(:\d+)?$/, "must be HOST or HOST:PORT"),
  apiServer: z.strictObject({ ...componentFields, certSANs: z.array(z.string()).default([]) }).prefault({}),
  controllerManager: z.strictObject(componentFields).optional(),
  scheduler: z.strictObject(componentFields).optional(),
  dns: z
    .strictObject({
      imageRepository: z.string().optional(),
      imageTag: z.string().optional(),
      disabled: z.boolean().optional(),
    })
    .optional(),
  proxy: z.strictObject({ disabled: z.boolean().optional() }).optional(),
  certificatesDir: z.string().optional(),
  imageRepository: z.string().default("registry.k8s.io"),
  featureGates: z.record(z.string(), z.boolean()).optional(),
  clusterName: z.string().default("kubernetes"),
  encryptionAlgorithm: z.enum(["ECDSA-P256", "ECDSA-P384", "RSA-2048", "RSA-3072", "RSA-4096"]).optional(),
  certificateValidityPeriod: durationSchema.optional(),
  caCertificateValidityPeriod: durationSchema.optional(),
});
export type ClusterConfiguration = z.infer<typeof clusterConfigurationSchema>;

export const joinConfigurationSchema = z.strictObject({
  ...header,
  kind: z.literal("JoinConfiguration"),
  dryRun: z.boolean().optional(),
  nodeRegistration: nodeRegistrationSchema.prefault({}),
  caCertPath: z.string().optional(),
  discovery: z.strictObject({ file: z.strictObject({ kubeConfigPath: z.string().min(1) }) }),
  skipPhases: z.array(z.string()).default([]),
  patches: patchesSchema.optional(),
  timeouts: timeoutsSchema.default({}),
});
export type JoinConfiguration = z.infer<typeof joinConfigurationSchema>;

/** The kubelet's own configuration in the same file; the kubelet checks it. */
export const kubeletConfigurationSchema = z.looseObject({ kind: z.literal("KubeletConfiguration") });
