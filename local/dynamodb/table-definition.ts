import { z } from "zod";

const keyElement = z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) });
const attributeDefinition = z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) });
const projection = z.object({
  ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  NonKeyAttributes: z.array(z.string()).optional(),
});
export const indexDefinition = z.object({
  IndexName: z.string(),
  KeySchema: z.array(keyElement),
  Projection: projection,
});

/** A table as CloudFormation declares it; the parts keep AWS's own spelling. */
export const tableDefinition = z.object({
  tableName: z.string(),
  keySchema: z.array(keyElement),
  attributeDefinitions: z.array(attributeDefinition),
  globalSecondaryIndexes: z.array(indexDefinition).optional(),
  timeToLiveAttribute: z.string().optional(),
  streamEnabled: z.boolean().optional(),
  pointInTimeRecovery: z.boolean().optional(),
  deletionProtection: z.boolean().optional(),
  billingMode: z.enum(["PAY_PER_REQUEST", "PROVISIONED"]).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export type TableDefinition = z.infer<typeof tableDefinition>;
export type IndexDefinition = z.infer<typeof indexDefinition>;
