import type * as sdk from "@aws-sdk/client-dynamodb";
import { itemBytes } from "./item-size.ts";
import type { Table } from "./table.ts";

/** A table as DescribeTable shows it. Counts are exact here; AWS refreshes them about every six hours. */
export function describe(table: Table, status: sdk.TableStatus = "ACTIVE"): sdk.TableDescription {
  const { definition, arn, createdAt } = table;
  const items = table.items.all();
  const size = { ItemCount: items.length, TableSizeBytes: items.reduce((sum, item) => sum + itemBytes(item), 0) };
  const throughput = { NumberOfDecreasesToday: 0, ReadCapacityUnits: 0, WriteCapacityUnits: 0 };
  const indexes = table.indexes.map(({ definition: index, collection }) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
    IndexStatus: "ACTIVE" as const,
    IndexArn: `${arn}/index/${index.IndexName}`,
    ItemCount: collection.all().length,
    ProvisionedThroughput: throughput,
  }));
  return {
    TableName: table.name,
    TableArn: arn,
    TableStatus: status,
    CreationDateTime: new Date(createdAt),
    KeySchema: definition.keySchema,
    AttributeDefinitions: definition.attributeDefinitions,
    BillingModeSummary: { BillingMode: definition.billingMode ?? "PAY_PER_REQUEST" },
    ProvisionedThroughput: throughput,
    DeletionProtectionEnabled: definition.deletionProtection ?? false,
    ...size,
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    ...streamOf(table),
  };
}

/** The local cloud's streams are fed by `onChange`; the ARN only says that there is one. */
function streamOf({ definition, arn, createdAt }: Table): Partial<sdk.TableDescription> {
  if (!definition.streamEnabled) return {};
  const label = new Date(createdAt).toISOString().replace("Z", "");
  return {
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    LatestStreamLabel: label,
    LatestStreamArn: `${arn}/stream/${label}`,
  };
}
