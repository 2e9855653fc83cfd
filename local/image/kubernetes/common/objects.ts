import { z } from "zod";

/** Schemas of the Kubernetes objects that the stand-ins look into. Loose: what they do not know passes through unchanged. */

export const objectMetadataSchema = z.looseObject({
  name: z.string().optional(),
  generateName: z.string().optional(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().nullish(),
  labels: z.record(z.string(), z.string()).optional(),
});

export const kubernetesObjectSchema = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: objectMetadataSchema.default({}),
});
export type KubernetesObject = z.infer<typeof kubernetesObjectSchema>;

export const objectListSchema = z.looseObject({ kind: z.string(), items: z.array(kubernetesObjectSchema) });

/** What an API server answers to a request that failed. */
export const statusSchema = z.looseObject({
  kind: z.literal("Status"),
  message: z.string().default(""),
  reason: z.string().default(""),
  code: z.number().default(0),
});

export const leaseSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({ renewTime: z.string().optional() }).default({}),
});

export const podSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({ nodeName: z.string().optional() }).default({}),
});

export const daemonSetSchema = kubernetesObjectSchema.extend({
  spec: z
    .looseObject({
      template: z
        .looseObject({ metadata: objectMetadataSchema.default({}), spec: z.looseObject({}).default({}) })
        .default({ metadata: {}, spec: {} }),
    })
    .default({ template: { metadata: {}, spec: {} } }),
});

export const deploymentSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({ replicas: z.int().optional() }).default({}),
});

export const configMapSchema = kubernetesObjectSchema.extend({ data: z.record(z.string(), z.string()).default({}) });

export const nodeConditionSchema = z.looseObject({ type: z.string(), status: z.string() });

export const nodeSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({ providerID: z.string().optional() }).default({}),
  status: z
    .looseObject({
      conditions: z.array(nodeConditionSchema).default([]),
      addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).default([]),
      nodeInfo: z.record(z.string(), z.string()).default({}),
    })
    .default({ conditions: [], addresses: [], nodeInfo: {} }),
});
export type Node = z.infer<typeof nodeSchema>;

/** `request` is a PEM request in Base64, `status.certificate` a PEM certificate in Base64. */
export const certificateSigningRequestSchema = kubernetesObjectSchema.extend({
  spec: z.looseObject({ request: z.string(), signerName: z.string(), usages: z.array(z.string()).default([]) }),
  status: z.looseObject({ certificate: z.string().optional() }).default({}),
});
