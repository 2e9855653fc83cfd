import { PolicyStatement } from "aws-cdk-lib/aws-iam";

type TableAction = "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem";

/** What each function that works on records touches: records, events and pointers of clusters, and operations. */
const COMMON = ["CLUSTER#*", "OPERATION#*"];

/** What a function does with the records, and nothing else. */
export interface RecordAccess {
  /** A transaction needs the permission to each of its parts. */
  readonly actions: readonly TableAction[];
  /** Partitions beside those of clusters and operations. Nobody touches `AUDIT#*`, where earlier versions kept the audit. */
  readonly partitions?: readonly string[];
  /** Kinds of the index that it lists. */
  readonly lists?: readonly string[];
}

/** To read or write items of a table whose partition key matches one of the patterns, and no others. */
export function items(tableArn: string, actions: readonly TableAction[], ...patterns: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tableArn],
    conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": patterns } },
  });
}

/** What {@link RecordAccess} says, as statements. */
export function accessRecords(
  { tableArn, indexArn }: { readonly tableArn: string; readonly indexArn: string },
  { actions, partitions = [], lists = [] }: RecordAccess,
): PolicyStatement[] {
  const reads = lists.length > 0 ? [items(indexArn, ["Query"], ...lists)] : [];
  return [...(actions.length > 0 ? [items(tableArn, actions, ...COMMON, ...partitions)] : []), ...reads];
}
