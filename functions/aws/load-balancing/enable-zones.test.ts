import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { expect, test } from "vitest";
import { clusterRecord, NAME, UID } from "../../../test/support/steps/records.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { enableZones } from "./load-balancing.ts";

const ARN = "arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/net/hf-1/1";

/** A load balancer with these subnets, and what is set. */
class Balancer extends ElasticLoadBalancingV2Client {
  readonly set: (readonly string[] | undefined)[] = [];
  readonly #subnets: readonly string[];

  constructor(subnets: readonly string[]) {
    super({ region: "us-west-2" });
    this.#subnets = subnets;
    this.middlewareStack.add(
      (_, { commandName }) =>
        async ({ input }) => {
          if (commandName === "SetSubnetsCommand") this.set.push((input as { Subnets?: readonly string[] }).Subnets);
          return { response: {}, output: this.#answer(commandName ?? "") as never };
        },
      { step: "initialize", priority: "high" },
    );
  }

  #answer(command: string): object {
    const tags = { "holdfast:uid": UID, "holdfast:cluster": NAME, "holdfast:resource": "load-balancer" };
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    if (command === "DescribeTagsCommand") return { TagDescriptions: [{ ResourceArn: ARN, Tags }] };
    const AvailabilityZones = this.#subnets.map((SubnetId) => ({ SubnetId }));
    return { LoadBalancers: [{ LoadBalancerArn: ARN, AvailabilityZones }] };
  }
}

test("issue 18: zones that are enabled are named again, since one that is left out loses its connections", async () => {
  const elb = new Balancer(["subnet-a", "subnet-foreign"]);

  await enableZones(elb, ownerOf(clusterRecord()), ARN, ["subnet-a", "subnet-d"]);

  expect(elb.set).toEqual([["subnet-a", "subnet-foreign", "subnet-d"]]);
});

test("zones that are all enabled are left as they are", async () => {
  const elb = new Balancer(["subnet-a", "subnet-d"]);

  await enableZones(elb, ownerOf(clusterRecord()), ARN, ["subnet-a", "subnet-d"]);

  expect(elb.set).toEqual([]);
});
