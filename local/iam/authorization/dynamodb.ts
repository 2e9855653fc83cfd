import type * as dynamodb from "@aws-sdk/client-dynamodb";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { keyConditionOf } from "../../dynamodb/expressions/key-condition.ts";
import { parseCondition } from "../../dynamodb/expressions/parse-condition.ts";
import { Placeholders } from "../../dynamodb/expressions/placeholders.ts";
import { AwsError } from "../../wire/contract.ts";
import { arnIn, type CloudState } from "./cloud-state.ts";
import { type Demand, type Demands, demand, type Mapping, mappingOf, requestTags } from "./demand.ts";
import { attributesOf, type NamingCall } from "./dynamodb-attributes.ts";

type Item = Readonly<Record<string, AttributeValue>> | undefined;

/** What of a table, or of an index of it, a call reaches. */
interface Reach {
  readonly items?: readonly Item[];
  readonly attributes?: readonly string[];
  readonly index?: string | undefined;
}

/** "Actions, resources, and condition keys for Amazon DynamoDB". */
export function dynamoDbMapping(cloud: CloudState): Mapping {
  const table = new TableDemands(cloud);
  const demands: Demands<typeof dynamodb> = {
    GetItem: (input) => [table.one("GetItem", input)],
    PutItem: (input) => [table.one("PutItem", input)],
    UpdateItem: (input) => [table.one("UpdateItem", input)],
    DeleteItem: (input) => [table.one("DeleteItem", input)],
    BatchGetItem: ({ RequestItems = {} }) =>
      Object.entries(RequestItems).map(([name, { Keys = [], ...projection }]) =>
        table.several("BatchGetItem", name, [projection, ...Keys.map((Key) => ({ Key }))]),
      ),
    BatchWriteItem: ({ RequestItems = {} }) =>
      Object.entries(RequestItems).map(([name, writes]) =>
        table.several(
          "BatchWriteItem",
          name,
          writes.map(({ PutRequest, DeleteRequest }) => ({ Item: PutRequest?.Item, Key: DeleteRequest?.Key })),
        ),
      ),
    // A transaction has no action of its own: each part is checked as if it were alone.
    TransactGetItems: ({ TransactItems = [] }) => TransactItems.map(({ Get }) => table.one("GetItem", Get)),
    TransactWriteItems: ({ TransactItems = [] }) =>
      TransactItems.flatMap(({ Put, Update, Delete, ConditionCheck }) => [
        ...(Put ? [table.one("PutItem", Put)] : []),
        ...(Update ? [table.one("UpdateItem", Update)] : []),
        ...(Delete ? [table.one("DeleteItem", Delete)] : []),
        ...(ConditionCheck ? [table.one("ConditionCheckItem", ConditionCheck)] : []),
      ]),
    Query: (input) => [table.query(input)],
    Scan: (input) => [table.on("Scan", input.TableName, { index: input.IndexName, attributes: attributesOf(input) })],
    CreateTable: (input) => [
      demand("dynamodb:CreateTable", table.arn(input.TableName), requestTags(input.Tags)),
      ...(input.Tags?.length
        ? [demand("dynamodb:TagResource", table.arn(input.TableName), requestTags(input.Tags))]
        : []),
    ],
    UpdateTable: (input) => [table.on("UpdateTable", input.TableName)],
    DeleteTable: (input) => [table.on("DeleteTable", input.TableName)],
    DescribeTable: (input) => [table.on("DescribeTable", input.TableName)],
    DescribeTimeToLive: (input) => [table.on("DescribeTimeToLive", input.TableName)],
    UpdateTimeToLive: (input) => [table.on("UpdateTimeToLive", input.TableName)],
    DescribeContinuousBackups: (input) => [table.on("DescribeContinuousBackups", input.TableName)],
    UpdateContinuousBackups: (input) => [table.on("UpdateContinuousBackups", input.TableName)],
    ListTagsOfResource: (input) => [table.on("ListTagsOfResource", input.ResourceArn)],
    TagResource: (input) => [demand("dynamodb:TagResource", input.ResourceArn ?? "", requestTags(input.Tags))],
    UntagResource: (input) => [
      demand("dynamodb:UntagResource", input.ResourceArn ?? "", input.TagKeys ? { "aws:TagKeys": input.TagKeys } : {}),
    ],
  };
  return mappingOf("dynamodb", demands, /^ListTables$/);
}

class TableDemands {
  readonly #cloud: CloudState;

  constructor(cloud: CloudState) {
    this.#cloud = cloud;
  }

  arn(nameOrArn = ""): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : arnIn(this.#cloud, "dynamodb", `table/${nameOrArn}`);
  }

  /** The action on a table or an index; `items` are the partitions that it reaches (`dynamodb:LeadingKeys`). */
  on(action: string, table: string | undefined, { items = [], attributes = [], index }: Reach = {}): Demand {
    const hash = this.#key(table, index)?.hash ?? "";
    const leading = items.flatMap((item) => textOf(item?.[hash]));
    return demand(`dynamodb:${action}`, `${this.arn(table)}${index === undefined ? "" : `/index/${index}`}`, {
      ...(leading.length > 0 && { "dynamodb:LeadingKeys": [...new Set(leading)] }),
      ...(attributes.length > 0 && { "dynamodb:Attributes": [...new Set(attributes)] }),
    });
  }

  /** An action on one item. */
  one(action: string, call: (NamingCall & { readonly TableName?: string | undefined }) | undefined): Demand {
    return this.several(action, call?.TableName, [call]);
  }

  /** One action on several items. */
  several(action: string, table: string | undefined, calls: readonly (NamingCall | undefined)[]): Demand {
    const items = calls.map((call) => call?.Item ?? call?.Key);
    return this.on(action, table, { items, attributes: calls.flatMap(attributesOf) });
  }

  query(input: dynamodb.QueryInput): Demand {
    const key = this.#key(input.TableName, input.IndexName);
    const value = key && input.KeyConditionExpression === undefined ? undefined : key && this.#partition(input, key);
    const item = key && value ? { [key.hash]: value } : undefined;
    return this.on("Query", input.TableName, {
      items: [item],
      index: input.IndexName,
      attributes: attributesOf(input),
    });
  }

  #key(table = "", index?: string) {
    return this.#cloud.dynamoDbKey(table.split("/")[1] ?? table, index);
  }

  /** Undefined for an expression that DynamoDB will refuse. */
  #partition(input: dynamodb.QueryInput, key: { hash: string; range?: string }): AttributeValue | undefined {
    try {
      const text = input.KeyConditionExpression ?? "";
      return keyConditionOf(parseCondition(text, new Placeholders(input), "KeyConditionExpression"), key).hashValue;
    } catch (error) {
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  }
}

function textOf(value: AttributeValue | undefined): string[] {
  const text = value?.S ?? value?.N ?? (value?.B && Buffer.from(value.B).toString("base64"));
  return text === undefined ? [] : [text];
}
