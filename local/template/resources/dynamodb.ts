import * as z from "zod";
import { tableDefinition } from "../../dynamodb/table-definition.ts";
import type { Provision } from "../resource-type.ts";

const { keySchema, attributeDefinitions, globalSecondaryIndexes } = tableDefinition.shape;
const Recovery = z.object({ PointInTimeRecoveryEnabled: z.boolean() }).optional();
const Replica = z.object({
  DeletionProtectionEnabled: z.boolean().optional(),
  PointInTimeRecoverySpecification: Recovery,
});
const Properties = z.object({
  TableName: z.string().optional(),
  AttributeDefinitions: attributeDefinitions,
  KeySchema: keySchema,
  GlobalSecondaryIndexes: globalSecondaryIndexes,
  LocalSecondaryIndexes: z.undefined("local secondary indexes are not emulated").optional(),
  BillingMode: tableDefinition.shape.billingMode,
  StreamSpecification: z.object({ StreamViewType: z.string() }).optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
  /** A global table's settings stand in its replicas; one in the stack's region is all that can be here. */
  Replicas: z.array(Replica).max(1).optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
  PointInTimeRecoverySpecification: Recovery,
});

/** `AWS::DynamoDB::GlobalTable` (what CDK's TableV2 writes) and `AWS::DynamoDB::Table`. */
export const provisionTable: Provision = (request, { dynamodb }) => {
  const properties = Properties.parse(request.properties);
  const tableName = properties.TableName ?? request.name(255);
  const ttl = properties.TimeToLiveSpecification;
  const settings = { ...properties, ...properties.Replicas?.[0] };
  const { tableArn, streamArn } = dynamodb.createTable({
    tableName,
    keySchema: properties.KeySchema,
    attributeDefinitions: properties.AttributeDefinitions,
    globalSecondaryIndexes: properties.GlobalSecondaryIndexes,
    timeToLiveAttribute: ttl?.Enabled ? ttl.AttributeName : undefined,
    streamEnabled: properties.StreamSpecification !== undefined,
    pointInTimeRecovery: settings.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false,
    deletionProtection: settings.DeletionProtectionEnabled ?? false,
    billingMode: properties.BillingMode ?? "PROVISIONED",
  });
  return { ref: tableName, attributes: { Arn: tableArn, ...(streamArn && { StreamArn: streamArn }) } };
};
