import * as autoScaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as sfn from "@aws-sdk/client-sfn";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { startWire } from "../../local/testing/wire.ts";
import type { Handlers } from "../../local/wire/contract.ts";
import { defineService } from "../../local/wire/service.ts";
import { setEnvironment } from "../../test/support/environment.ts";
import { contextWith } from "../../test/support/lambda-context.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { keys } from "../store/keys.ts";

const CREATED = new Date("2026-11-29T12:00:00Z");
const NAMES = Array.from({ length: 30 }, (_, index) => `c${index}.example.com`);

const started: { readonly cluster: string; readonly foundAt: string }[] = [];
const backups: { readonly cluster: string }[] = [];
let onStart = async (): Promise<void> => {};
const ofSteps: Handlers<typeof sfn> = {
  StartExecution: async ({ input = "", stateMachineArn = "" }) => {
    if (stateMachineArn.endsWith(":backup")) {
      backups.push(JSON.parse(input));
      return { executionArn: "arn:aws:states:us-west-2:111122223333:execution:backup:x", startDate: new Date() };
    }
    await onStart();
    started.push(JSON.parse(input));
    return { executionArn: "arn:aws:states:us-west-2:111122223333:execution:repair:x", startDate: new Date() };
  },
};
/** An account in which nothing runs. */
const ofEc2: Handlers<typeof ec2> = {
  DescribeInstances: () => ({}),
  DescribeVolumes: () => ({}),
  DescribeNetworkInterfaces: () => ({}),
  DescribeTags: () => ({}),
  DescribeSecurityGroups: () => ({}),
  DescribeLaunchTemplates: () => ({}),
};
const ofGroups: Handlers<typeof autoScaling> = {
  DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }),
  DescribeTags: () => ({}),
};
const ofBalancers: Handlers<typeof elb> = {
  DescribeLoadBalancers: () => ({}),
  DescribeTargetGroups: () => ({}),
  DescribeTags: () => ({}),
};

let reconcile: typeof import("./reconcile.ts").handler;
let put: (name: string, change: object) => Promise<unknown>;
beforeAll(async () => {
  const dynamodb = await startDynamoDb();
  for (const tableName of ["clusters", "heartbeats"]) dynamodb.service.createTable({ ...CLUSTER_TABLE, tableName });
  const address = await dynamodb.client.config.endpoint?.();
  const wire = await startWire({
    services: [
      defineService(sfn, "SFNClient", ofSteps),
      defineService(ec2, "EC2Client", ofEc2),
      defineService(autoScaling, "AutoScalingClient", ofGroups),
      defineService(elb, "ElasticLoadBalancingV2Client", ofBalancers),
    ],
  });
  setEnvironment({
    AWS_ENDPOINT_URL: wire.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: `http://${address?.hostname}:${address?.port}`,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    CLUSTER_TABLE: "clusters",
    HEARTBEAT_TABLE: "heartbeats",
    INSTANCE_ARNS: "arn:aws:ec2:us-west-2:111122223333:instance/",
    REPAIR_STATE_MACHINE: "arn:aws:states:us-west-2:111122223333:stateMachine:repair",
    RESTORE_STATE_MACHINE: "arn:aws:states:us-west-2:111122223333:stateMachine:restore",
    BACKUP_STATE_MACHINE: "arn:aws:states:us-west-2:111122223333:stateMachine:backup",
    DRILL_STATE_MACHINE: "arn:aws:states:us-west-2:111122223333:stateMachine:drill",
    EVENT_BUS: "holdfast",
  });
  put = (name, change) => {
    const record = { ...recoverRecord({ name, uid: name, region: "us-west-2", zones: [] }, CREATED), ...change };
    const Item = { ...keys.cluster(name), kind: "CLUSTER", name, record };
    return dynamodb.documents.send(new PutCommand({ TableName: "clusters", Item }));
  };
  ({ handler: reconcile } = await import("./reconcile.ts"));
});
beforeEach(async () => {
  started.length = 0;
  backups.length = 0;
  onStart = async () => {};
  await Promise.all(NAMES.map((name) => put(name, { status: "DEGRADED", operation: null })));
});

test("2: every degraded cluster's repair is started once, with the time at which it was found", async () => {
  const before = new Date().toISOString();
  await reconcile({}, contextWith(55_000));

  expect(started.map(({ cluster }) => cluster).toSorted()).toEqual(NAMES.toSorted());
  for (const { foundAt } of started) expect(foundAt >= before && foundAt <= new Date().toISOString()).toBe(true);
});

test("backups that are due are started, one a cluster, also of those that are repaired", async () => {
  await reconcile({}, contextWith(55_000));

  expect(backups.map(({ cluster }) => cluster).toSorted()).toEqual(NAMES.toSorted());
});

test("2: what there is no time for is left to the next one", async () => {
  await reconcile({}, contextWith(14_000));

  expect(started).toEqual([]);
});

test("U8: a cluster that an operation has taken since it was read is left alone", async () => {
  let first = true;
  onStart = async () => {
    if (!first) return;
    first = false;
    await Promise.all(NAMES.map((name) => put(name, { status: "REPAIRING", operation: `repair-${name}` })));
  };

  await reconcile({}, contextWith(55_000));

  // Those that were side by side with the first, and no other.
  expect(started.length).toBeLessThanOrEqual(25);
});
