import type * as sdk from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { resourceNotFound, validationError } from "./errors.ts";
import type { Store } from "./store.ts";
import type { Table } from "./table.ts";
import { indexDefinition, type TableDefinition, tableDefinition } from "./table-definition.ts";
import { describe } from "./table-description.ts";

export function createTable(store: Store, request: sdk.CreateTableInput): sdk.CreateTableOutput {
  if (request.LocalSecondaryIndexes) {
    throw validationError("The local cloud does not emulate local secondary indexes.");
  }
  const definition = parse(tableDefinition, {
    tableName: request.TableName,
    keySchema: request.KeySchema,
    attributeDefinitions: request.AttributeDefinitions,
    globalSecondaryIndexes: request.GlobalSecondaryIndexes,
    streamEnabled: request.StreamSpecification?.StreamEnabled,
    deletionProtection: request.DeletionProtectionEnabled,
    billingMode: request.BillingMode,
    tags: tagsOf(request.Tags),
  });
  return { TableDescription: describe(store.create(checkDefinition(definition))) };
}

/** Throws `ValidationException` for keys without definitions, definitions without keys, and malformed schemas. */
export function checkDefinition(definition: TableDefinition): TableDefinition {
  const schemas = [definition.keySchema, ...(definition.globalSecondaryIndexes ?? []).map((index) => index.KeySchema)];
  const used = new Set(schemas.flat().map((element) => element.AttributeName));
  const defined = new Set(definition.attributeDefinitions.map((attribute) => attribute.AttributeName));
  const invalid = "One or more parameter values were invalid:";
  if (![...used].every((name) => defined.has(name))) {
    throw validationError(
      `${invalid} Some index key attributes are not defined in AttributeDefinitions. Keys: [${[...used].join(", ")}], AttributeDefinitions: [${[...defined].join(", ")}]`,
    );
  }
  if (defined.size > used.size) {
    throw validationError(
      `${invalid} Some AttributeDefinitions are not used. AttributeDefinitions: [${[...defined].join(", ")}], keys used: [${[...used].join(", ")}]`,
    );
  }
  for (const schema of schemas) {
    const types = schema.map((element) => element.KeyType).join();
    if (types !== "HASH" && types !== "HASH,RANGE") {
      throw validationError("Invalid KeySchema: it must be a HASH key, and perhaps a RANGE key after it");
    }
  }
  return definition;
}

export function describeTable(store: Store, request: sdk.DescribeTableInput): sdk.DescribeTableOutput {
  return { Table: describe(named(store, request.TableName)) };
}

export function listTables(store: Store, request: sdk.ListTablesInput): sdk.ListTablesOutput {
  const { Limit = 100, ExclusiveStartTableName: start = "" } = request;
  const names = store.list().map((table) => table.name);
  const rest = names.filter((name) => name > start);
  const page = rest.slice(0, Limit);
  const last = page.at(-1);
  return { TableNames: page, ...(page.length < rest.length && last && { LastEvaluatedTableName: last }) };
}

export function deleteTable(store: Store, request: sdk.DeleteTableInput): sdk.DeleteTableOutput {
  const table = named(store, request.TableName);
  if (table.definition.deletionProtection) {
    throw validationError(
      "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    );
  }
  store.delete(table);
  return { TableDescription: describe(table, "DELETING") };
}

/** Changes billing, protection, stream and indexes; the effect is immediate. */
export function updateTable(store: Store, request: sdk.UpdateTableInput): sdk.UpdateTableOutput {
  const table = named(store, request.TableName);
  const { definition } = table;
  let indexes = definition.globalSecondaryIndexes ?? [];
  for (const { Create, Delete } of request.GlobalSecondaryIndexUpdates ?? []) {
    if (Delete) {
      table.index(Delete.IndexName ?? "");
      indexes = indexes.filter((index) => index.IndexName !== Delete.IndexName);
    }
    if (Create) indexes = [...indexes, parse(indexDefinition, Create)];
  }
  const changed = parse(tableDefinition, {
    ...definition,
    globalSecondaryIndexes: indexes,
    attributeDefinitions: mergedAttributes(definition, request.AttributeDefinitions ?? [], indexes),
    billingMode: request.BillingMode ?? definition.billingMode,
    deletionProtection: request.DeletionProtectionEnabled ?? definition.deletionProtection,
    streamEnabled: request.StreamSpecification?.StreamEnabled ?? definition.streamEnabled,
  });
  table.define(checkDefinition(changed));
  return { TableDescription: describe(table) };
}

function mergedAttributes(
  definition: TableDefinition,
  added: readonly sdk.AttributeDefinition[],
  indexes: NonNullable<TableDefinition["globalSecondaryIndexes"]>,
) {
  const used = new Set(
    [definition.keySchema, ...indexes.map((index) => index.KeySchema)].flat().map((key) => key.AttributeName),
  );
  const byName = new Map<string | undefined, sdk.AttributeDefinition>();
  for (const attribute of [...definition.attributeDefinitions, ...added])
    byName.set(attribute.AttributeName, attribute);
  return [...byName.values()].filter((attribute) => used.has(attribute.AttributeName ?? ""));
}

export function tagResource(store: Store, request: sdk.TagResourceInput): void {
  const table = byArn(store, request.ResourceArn);
  table.define({ ...table.definition, tags: { ...table.definition.tags, ...tagsOf(request.Tags) } });
}

export function untagResource(store: Store, request: sdk.UntagResourceInput): void {
  const table = byArn(store, request.ResourceArn);
  const kept = Object.entries(table.definition.tags ?? {}).filter(([key]) => !request.TagKeys?.includes(key));
  table.define({ ...table.definition, tags: Object.fromEntries(kept) });
}

export function listTags(store: Store, request: sdk.ListTagsOfResourceInput): sdk.ListTagsOfResourceOutput {
  const { tags = {} } = byArn(store, request.ResourceArn).definition;
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

export function describeContinuousBackups(
  store: Store,
  request: sdk.DescribeContinuousBackupsInput,
): sdk.DescribeContinuousBackupsOutput {
  const table = store.table(request.TableName, `Table not found: ${request.TableName}`);
  const status = table.definition.pointInTimeRecovery ? "ENABLED" : "DISABLED";
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
    },
  };
}

export function updateContinuousBackups(
  store: Store,
  request: sdk.UpdateContinuousBackupsInput,
): sdk.UpdateContinuousBackupsOutput {
  const table = store.table(request.TableName, `Table not found: ${request.TableName}`);
  const pointInTimeRecovery = request.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false;
  table.define({ ...table.definition, pointInTimeRecovery });
  return describeContinuousBackups(store, request);
}

function named(store: Store, name: string | undefined): Table {
  return store.table(name, `Requested resource not found: Table: ${name} not found`);
}

function byArn(store: Store, arn: string | undefined): Table {
  const table = store.list().find((candidate) => candidate.arn === arn);
  if (!table) throw resourceNotFound(`Requested resource not found: ResourcArn: ${arn} not found`);
  return table;
}

function tagsOf(tags: readonly sdk.Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

/** Refuses what the SDK's types allow and the local cloud's do not: missing members, unknown enumeration values. */
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw validationError(`One or more parameter values were invalid: ${z.prettifyError(parsed.error)}`);
}
