import * as asg from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as iam from "@aws-sdk/client-iam";
import { beforeAll, expect, test } from "vitest";
import { startWire } from "../../../local/testing/wire.ts";
import type { Handlers } from "../../../local/wire/contract.ts";
import { defineService } from "../../../local/wire/service.ts";
import { setEnvironment } from "../../../test/support/environment.ts";
import { balancerName, TAG } from "../../domain/cluster/naming.ts";

/** An account with the load balancers of sixty clusters and nothing else. */
const CLUSTERS = Array.from({ length: 60 }, (_, at) => ({ cluster: `c${at}.example.com`, uid: `uid-${at}` }));
function arnOf(name: string) {
  return `arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/net/${name}/1`;
}

const asked: string[] = [];
const balancers: Handlers<typeof elb> = {
  DescribeLoadBalancers: () => ({
    LoadBalancers: CLUSTERS.map((of) => ({
      LoadBalancerName: balancerName(of),
      LoadBalancerArn: arnOf(balancerName(of)),
    })),
  }),
  DescribeTargetGroups: () => ({}),
  DescribeTags: ({ ResourceArns = [] }) => {
    asked.push(...ResourceArns);
    return {
      TagDescriptions: CLUSTERS.map((of) => ({
        ResourceArn: arnOf(balancerName(of)),
        Tags: [
          { Key: TAG.uid, Value: of.uid },
          { Key: TAG.cluster, Value: of.cluster },
        ],
      })).filter(({ ResourceArn }) => ResourceArns.includes(ResourceArn)),
    };
  },
};
const machines: Handlers<typeof ec2> = {
  DescribeVpcs: () => ({}),
  DescribeSubnets: () => ({}),
  DescribeRouteTables: () => ({}),
  DescribeInternetGateways: () => ({}),
  DescribeSecurityGroups: () => ({}),
  DescribeNetworkInterfaces: () => ({}),
  DescribeAddresses: () => ({}),
  DescribeLaunchTemplates: () => ({}),
  DescribeNatGateways: () => ({}),
  DescribeInstances: () => ({}),
  DescribeVolumes: () => ({}),
};

let listResourcesByTag: typeof import("./cluster-resources.ts").listResourcesByTag;
let deps: Parameters<typeof listResourcesByTag>[0];
beforeAll(async () => {
  const services = [
    defineService(elb, "ElasticLoadBalancingV2Client", balancers),
    defineService(ec2, "EC2Client", machines),
    defineService(asg, "AutoScalingClient", { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [] }) }),
    defineService(iam, "IAMClient", {
      ListRoles: () => ({ Roles: [] }),
      ListInstanceProfiles: () => ({ InstanceProfiles: [] }),
    }),
  ];
  const { endpoint, client } = await startWire({ services });
  setEnvironment({
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: client.region,
    AWS_ACCESS_KEY_ID: client.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: client.credentials.secretAccessKey,
  });
  const [{ system }, listResources] = await Promise.all([
    import("../../runtime/system.ts"),
    import("./cluster-resources.ts"),
  ]);
  listResourcesByTag = listResources.listResourcesByTag;
  deps = { ...system, aws: listResources.clusterResourcesCalls };
});

test("13: a survey reads the tags of this cluster's load balancer, not of every cluster's", async () => {
  const found = await listResourcesByTag(deps, { uid: "uid-7" });
  expect(found.map(({ id }) => id)).toEqual([arnOf(balancerName({ cluster: "c7.example.com", uid: "uid-7" }))]);
  expect(asked).toEqual(found.map(({ id }) => id));

  // By name alone it may be one of several clusters, one after the other: none but those of this name is looked at.
  asked.length = 0;
  expect(await listResourcesByTag(deps, { cluster: "c7.example.com" })).toEqual(found);
  expect(asked).toEqual(found.map(({ id }) => id));
});
