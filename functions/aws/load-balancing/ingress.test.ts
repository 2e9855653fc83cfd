import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { expect, test } from "vitest";
import { findIngresses } from "./ingress.ts";

type Tags = Readonly<Record<string, string>>;

/** Load balancers by their ARNs, with their VPCs, schemes and tags. */
function client(balancers: Readonly<Record<string, { vpc: string; scheme?: string; tags: Tags }>>) {
  const elb = new ElasticLoadBalancingV2Client({ region: "us-west-2" });
  const answer = (command: string | undefined, input: object) => {
    if (command === "DescribeTagsCommand") {
      const { ResourceArns = [] } = input as { ResourceArns?: readonly string[] };
      const tagsOf = (arn: string) => Object.entries(balancers[arn]?.tags ?? {});
      const described = ResourceArns.map((ResourceArn) => ({
        ResourceArn,
        Tags: tagsOf(ResourceArn).map(([Key, Value]) => ({ Key, Value })),
      }));
      return { TagDescriptions: described };
    }
    return {
      LoadBalancers: Object.entries(balancers).map(([LoadBalancerArn, { vpc, scheme = "internet-facing" }]) => ({
        ...{ LoadBalancerArn, VpcId: vpc, Scheme: scheme },
        ...{ DNSName: `${LoadBalancerArn}.ELB.amazonaws.com`, CanonicalHostedZoneId: "Z1" },
      })),
    };
  };
  elb.middlewareStack.add(
    (_, { commandName }) =>
      async ({ input }) => ({ response: {}, output: answer(commandName, input) as never }),
    { step: "initialize", priority: "high" },
  );
  return elb;
}

test("load balancers of services are found by the tags of both controllers, in the cluster's own VPC only", async () => {
  const web = { "kubernetes.io/service-name": "shop/web", "kubernetes.io/cluster/east": "owned" };
  const elb = client({
    provider: { vpc: "vpc-1", tags: web },
    controller: {
      vpc: "vpc-1",
      scheme: "internal",
      tags: { "service.k8s.aws/stack": "shop/inner", "elbv2.k8s.aws/cluster": "east" },
    },
    elsewhere: { vpc: "vpc-9", tags: web },
    another: { vpc: "vpc-2", tags: web },
    api: { vpc: "vpc-1", tags: { "kubernetes.io/cluster/east": "owned" } },
  });

  const found = await findIngresses(elb, [
    { cluster: "east", vpcId: "vpc-1" },
    { cluster: "west", vpcId: "vpc-2" },
  ]);

  expect([...found]).toEqual([
    [
      "east",
      [
        { service: "shop/web", dnsName: "provider.elb.amazonaws.com", hostedZoneId: "Z1", isPublic: true },
        { service: "shop/inner", dnsName: "controller.elb.amazonaws.com", hostedZoneId: "Z1", isPublic: false },
      ],
    ],
  ]);
});
