import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { removeRetained, retainedByRun } from "./retained.ts";

const REGION = "us-west-2";
type Answer = (command: string) => object;

/** AWS that answers so, and what it was asked for. */
function recordingAws(answer: Answer) {
  const asked: unknown[] = [];
  const clients = {
    dynamodb: new DynamoDBClient({ region: REGION }),
    kms: new KMSClient({ region: REGION }),
    logs: new CloudWatchLogsClient({ region: REGION }),
    s3: new S3Client({ region: REGION }),
  };
  function listen(_: unknown, { commandName = "" }: { commandName?: string }) {
    return async ({ input }: { input: object }) => {
      asked.push([commandName.replace(/Command$/, ""), input]);
      return { response: {}, output: { ...answer(commandName), $metadata: {} } };
    };
  }
  const first = { step: "initialize", priority: "high" } as const;
  clients.dynamodb.middlewareStack.add(listen, first);
  clients.kms.middlewareStack.add(listen, first);
  clients.logs.middlewareStack.add(listen, first);
  clients.s3.middlewareStack.add(listen, first);
  return { asked, clients };
}

test("a table of the stack loses its protection, then goes", async () => {
  const { asked, clients } = recordingAws(() => ({}));

  const left = await removeRetained(REGION, [{ type: "AWS::DynamoDB::GlobalTable", id: "table-1" }], clients);

  expect(left).toEqual([]);
  expect(asked).toEqual([
    ["UpdateTable", { TableName: "table-1", DeletionProtectionEnabled: false }],
    ["DeleteTable", { TableName: "table-1" }],
  ]);
});

test("the bucket is emptied of all versions and delete markers, page by page, then goes", async () => {
  const pages = [
    { Versions: [{ Key: "a", VersionId: "1" }], DeleteMarkers: [{ Key: "a", VersionId: "2" }] },
    { Versions: [{ Key: "b", VersionId: "3" }] },
  ];
  const { asked, clients } = recordingAws((command) =>
    command === "ListObjectVersionsCommand" ? (pages.shift() ?? {}) : {},
  );

  const left = await removeRetained(REGION, [{ type: "AWS::S3::Bucket", id: "bucket-1" }], clients);

  const removal = (...Objects: object[]) => ({ Bucket: "bucket-1", Delete: { Objects, Quiet: true } });
  expect(left).toEqual([]);
  expect(asked).toEqual([
    ["ListObjectVersions", { Bucket: "bucket-1" }],
    ["DeleteObjects", removal({ Key: "a", VersionId: "1" }, { Key: "a", VersionId: "2" })],
    ["ListObjectVersions", { Bucket: "bucket-1" }],
    ["DeleteObjects", removal({ Key: "b", VersionId: "3" })],
    ["ListObjectVersions", { Bucket: "bucket-1" }],
    ["DeleteBucket", { Bucket: "bucket-1" }],
  ]);
});

test("what is gone already does not count, and what cannot be removed is named with the reason", async () => {
  const { clients } = recordingAws((command) => {
    if (command === "DeleteObjectsCommand") return { Errors: [{ Key: "a", Message: "Access Denied" }] };
    if (command === "ListObjectVersionsCommand") return { Versions: [{ Key: "a", VersionId: "1" }] };
    throw Object.assign(new Error("gone"), { name: "ResourceNotFoundException" });
  });

  const left = await removeRetained(
    REGION,
    [
      { type: "AWS::S3::Bucket", id: "bucket-1" },
      { type: "AWS::Logs::LogGroup", id: "group-1" },
      { type: "AWS::SQS::Queue", id: "queue-1" },
    ],
    clients,
  );

  expect(left).toEqual([
    { type: "AWS::S3::Bucket", id: "bucket-1: a cannot be removed: Access Denied" },
    { type: "AWS::SQS::Queue", id: "queue-1: a type that is not known here" },
  ]);
});

test("tables and buckets of abandoned runs are found by the run's tag, without a stack that names them", async () => {
  const Tags = [{ Key: "holdfast-smoke", Value: "s-1" }];
  const answers: Record<string, object> = {
    ListTablesCommand: { TableNames: ["table-1"] },
    DescribeTableCommand: { Table: { TableArn: "arn:aws:dynamodb:us-west-2:1:table/table-1" } },
    ListTagsOfResourceCommand: { Tags },
    ListBucketsCommand: { Buckets: [{ Name: "bucket-1" }] },
    GetBucketTaggingCommand: { TagSet: Tags },
  };
  const { clients } = recordingAws((command) => answers[command] ?? {});

  expect(await retainedByRun(clients)).toEqual(
    new Map([
      [
        "s-1",
        [
          { type: "AWS::DynamoDB::GlobalTable", id: "table-1", run: "s-1" },
          { type: "AWS::S3::Bucket", id: "bucket-1", run: "s-1" },
        ],
      ],
    ]),
  );
});
