import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as events from "@aws-sdk/client-eventbridge";
import { beforeAll, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../../local/testing/dynamodb.ts";
import { startWire } from "../../../local/testing/wire.ts";
import { AwsError, type Handlers } from "../../../local/wire/contract.ts";
import { defineService } from "../../../local/wire/service.ts";
import { setEnvironment } from "../../../test/support/environment.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { recoverRecord } from "../../domain/deletion/deletion.ts";
import { findCluster } from "../../store/clusters.ts";
import type { Table } from "../../store/keys.ts";
import { createClusterRecord } from "../../store/operations.ts";

const NOW = new Date("2026-11-29T12:00:00Z");
const NAMES = ["a-works.example.com", "b-fails.example.com", "c-works.example.com"];

/** An account in which nothing of any cluster is left, and one cluster's targets may not be looked at. */
const balancers: Handlers<typeof elb> = {
  DescribeTargetHealth: ({ TargetGroupArn = "" }) => {
    if (TargetGroupArn.includes("b-fails")) throw new AwsError("AccessDenied", "not allowed to look");
    return { TargetHealthDescriptions: [] };
  },
  RegisterTargets: () => ({}),
};
const nothing: Handlers<typeof ec2> = {
  DescribeSecurityGroups: () => ({}),
  DescribeRouteTables: () => ({}),
  DescribeNatGateways: () => ({}),
  DescribeAddresses: () => ({}),
  DescribeLaunchTemplates: () => ({}),
};

const bus: Handlers<typeof events> = { PutEvents: () => ({ FailedEntryCount: 0, Entries: [] }) };

function active(name: string): ClusterRecord {
  return {
    ...recoverRecord({ name, uid: `u-${name}`, region: "us-west-2", zones: ["us-west-2a"] }, NOW),
    status: "ACTIVE",
    deleting: false,
    network: { vpcId: "vpc-1", internetGatewayId: "igw-1", subnets: {}, masterGroupId: "sg-1", nodeGroupId: "sg-2" },
    endpoint: { loadBalancerArn: "lb", targetGroupArn: `arn:aws:elasticloadbalancing:${name}`, host: "api" },
  };
}

let table: Table;
let checkDrift: typeof import("./check-drift.ts").checkDrift;
let deps: Parameters<typeof checkDrift>[0];
beforeAll(async () => {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  for (const name of NAMES) await createClusterRecord(table, active(name), `create-${name}`, undefined, NOW);
  const services = [
    defineService(events, "EventBridgeClient", bus),
    defineService(ec2, "EC2Client", nothing),
    defineService(elb, "ElasticLoadBalancingV2Client", balancers),
  ];
  const wire = await startWire({ services });
  const { endpoint, credentials } = wire.client;
  setEnvironment({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    HOLDFAST_BUS: "holdfast",
  });
  const [{ system }, { openStore }, drift] = await Promise.all([
    import("../../runtime/system.ts"),
    import("../../store/store.ts"),
    import("./check-drift.ts"),
  ]);
  checkDrift = drift.checkDrift;
  const store = openStore(table, { table: "heartbeats", instances: "", client: table.client });
  deps = { ...system, store, aws: drift.checkDriftCalls };
});

test("R14: one cluster's failed drift look keeps no other from its own", async () => {
  const clusters = NAMES.map(active);

  await checkDrift(deps, { clusters, members: new Map(), groups: new Map() }, NOW);

  const looked = await Promise.all(
    NAMES.map(async (name) => {
      const found = (await findCluster(table, name))?.drift?.found ?? [];
      return [name, found.some(({ area }) => area === "network"), found.some(({ area }) => area === "groups")];
    }),
  );
  expect(looked).toEqual([
    ["a-works.example.com", true, true],
    ["b-fails.example.com", false, false],
    ["c-works.example.com", true, true],
  ]);
});
