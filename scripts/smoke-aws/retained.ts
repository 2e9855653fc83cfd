import { CloudWatchLogsClient, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  paginateListTables,
  UpdateTableCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { RUN_TAG } from "./cases.ts";

export interface Retained {
  readonly type: string;
  readonly id: string;
}

/** The key of the secrets can be deleted after seven days at the earliest. */
const KEY_DAYS = 7;
const GONE = /NotFound|NoSuchBucket|KMSInvalidState/;

export function retainedClients(region: string) {
  return {
    dynamodb: new DynamoDBClient({ region }),
    kms: new KMSClient({ region }),
    logs: new CloudWatchLogsClient({ region }),
    s3: new S3Client({ region }),
  };
}
type Clients = ReturnType<typeof retainedClients>;

/** How each type that the template retains is removed. infra/stacks/holdfast-stack.test.ts says that none is missing. */
const REMOVALS = new Map<string, (clients: Clients, id: string) => Promise<unknown>>([
  ["AWS::DynamoDB::GlobalTable", ({ dynamodb }, id) => removeTable(dynamodb, id)],
  ["AWS::S3::Bucket", ({ s3 }, id) => removeBucket(s3, id)],
  ["AWS::Logs::LogGroup", ({ logs }, id) => logs.send(new DeleteLogGroupCommand({ logGroupName: id }))],
  [
    "AWS::KMS::Key",
    ({ kms }, id) => kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: KEY_DAYS })),
  ],
]);

export function isRetained(type: string): boolean {
  return REMOVALS.has(type);
}

/** May be repeated. Returns what could not be removed, and why. */
export async function removeRetained(
  region: string,
  retained: readonly Retained[],
  clients: Clients = retainedClients(region),
): Promise<Retained[]> {
  const left: Retained[] = [];
  for (const { type, id } of retained) {
    try {
      const remove = REMOVALS.get(type);
      if (remove === undefined) throw new Error("a type that is not known here");
      await remove(clients, id);
    } catch (error) {
      if (error instanceof Error && GONE.test(error.name)) continue;
      left.push({ type, id: `${id}: ${error instanceof Error ? error.message : String(error)}` });
    }
  }
  return left;
}

/** Names of tables and buckets that carry runs' tags, by the run: what stacks that are gone have left. */
export async function retainedByRun({ dynamodb, s3 }: Pick<Clients, "dynamodb" | "s3">) {
  const tagged = [...(await taggedTables(dynamodb)), ...(await taggedBuckets(s3))];
  return Map.groupBy(tagged, ({ run }) => run);
}

type Tagged = Retained & { readonly run: string };

function runOf(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): string[] {
  return (tags ?? []).flatMap(({ Key, Value }) => (Key === RUN_TAG && Value !== undefined ? [Value] : []));
}

async function taggedTables(client: DynamoDBClient): Promise<Tagged[]> {
  const found: Tagged[] = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {}))
    for (const TableName of TableNames) {
      const { Table } = await client.send(new DescribeTableCommand({ TableName }));
      const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn }));
      for (const run of runOf(Tags)) found.push({ type: "AWS::DynamoDB::GlobalTable", id: TableName, run });
    }
  return found;
}

/** A bucket without tags, or one that may not be read, is none of ours. */
async function taggedBuckets(client: S3Client): Promise<Tagged[]> {
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  const lists = await Promise.all(
    Buckets.map(async ({ Name: id = "" }) => {
      const tags = await client.send(new GetBucketTaggingCommand({ Bucket: id })).catch(() => undefined);
      return runOf(tags?.TagSet).map((run) => ({ type: "AWS::S3::Bucket", id, run }));
    }),
  );
  return lists.flat();
}

async function removeTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  await client.send(new DeleteTableCommand({ TableName }));
}

/** A bucket can be deleted when no version and no delete marker is in it. */
async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first) throw new Error(`${first.Key ?? ""} cannot be removed: ${first.Message ?? first.Code ?? ""}`);
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}
