import type { CreateTableInput, TableDescription } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { callService } from "../../kernel/service-call.ts";
import { arnOf, operator, type Provision, type StackServices, unlessExists } from "../resource-type.ts";

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));
const Projection = z.object({
  ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const Index = z.object({ IndexName: z.string(), KeySchema, Projection });
const Properties = z.object({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) })),
  KeySchema,
  GlobalSecondaryIndexes: z.array(Index).optional(),
  LocalSecondaryIndexes: z.array(Index).optional(),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"]) })
    .optional(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().optional(), Enabled: z.boolean() }).optional(),
});

/** How long CloudFormation may wait for a table here; the emulated service needs less than a second. */
const TABLE_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

/** `AWS::DynamoDB::GlobalTable` (what CDK's TableV2 writes) and `AWS::DynamoDB::Table`: on-demand tables either way. */
export const provisionTable: Provision = async (request, services) => {
  const properties = Properties.parse(request.properties);
  const TableName = properties.TableName ?? request.name(255);
  const { TimeToLiveSpecification: ttl, StreamSpecification: stream, ...schema } = properties;
  const input: CreateTableInput = {
    ...schema,
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    ...(stream && { StreamSpecification: { ...stream, StreamEnabled: true } }),
  };
  const caller = operator(services.context, "dynamodb");
  await unlessExists(callService(services.dynamodb, "CreateTable", input, caller), ["ResourceInUseException"]);
  const table = await untilActive(services, TableName);
  if (ttl?.Enabled) await ensureTimeToLive(services, TableName, ttl.AttributeName ?? "ttl");
  return {
    ref: TableName,
    attributes: {
      Arn: table.TableArn ?? arnOf(services.context, "dynamodb", `table/${TableName}`),
      ...(table.TableId && { TableId: table.TableId }),
      ...(table.LatestStreamArn && { StreamArn: table.LatestStreamArn }),
    },
  };
};

async function untilActive({ dynamodb, context }: StackServices, TableName: string): Promise<TableDescription> {
  const deadline = Date.now() + TABLE_TIMEOUT_MS;
  for (;;) {
    const { Table } = await callService(dynamodb, "DescribeTable", { TableName }, operator(context, "dynamodb"));
    if (Table?.TableStatus === "ACTIVE") return Table;
    if (Date.now() > deadline) throw new Error(`the table ${TableName} is still ${Table?.TableStatus}`);
    await context.clock.sleep(POLL_MS);
  }
}

/** Switching on what is on already is an error to DynamoDB, and the state that a restart wants. */
async function ensureTimeToLive(services: StackServices, TableName: string, AttributeName: string): Promise<void> {
  const caller = operator(services.context, "dynamodb");
  const { TimeToLiveDescription } = await callService(services.dynamodb, "DescribeTimeToLive", { TableName }, caller);
  if (TimeToLiveDescription?.AttributeName === AttributeName) return;
  const TimeToLiveSpecification = { AttributeName, Enabled: true };
  await callService(services.dynamodb, "UpdateTimeToLive", { TableName, TimeToLiveSpecification }, caller);
}
