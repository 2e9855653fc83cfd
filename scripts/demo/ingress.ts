import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ClusterView } from "../../functions/domain/api/views.ts";

/** Where a local cloud answers for AWS. */
export interface AwsEndpoint {
  readonly aws: string;
  readonly region: string;
}

export function clientOf({ aws, region }: AwsEndpoint) {
  return { endpoint: aws, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } };
}

/**
 * The load balancer that a cluster's Kubernetes would make for a service: in a local cloud there is no controller that
 * does. The API servers stand for the service.
 */
export async function createIngress(endpoint: AwsEndpoint, { name, members }: ClusterView): Promise<void> {
  const ec2 = new EC2Client(clientOf(endpoint));
  const elb = new ElasticLoadBalancingV2Client(clientOf(endpoint));
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [name] }];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  const [subnet] = Subnets;
  const [label = ""] = name.split(".");
  const Tags = [
    { Key: "kubernetes.io/service-name", Value: "ingress/nginx" },
    { Key: `kubernetes.io/cluster/${name}`, Value: "owned" },
  ];
  const { LoadBalancers = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: label, Type: "network", Subnets: [subnet?.SubnetId ?? ""], Tags }),
  );
  const { TargetGroups = [] } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: label, Protocol: "TCP", Port: 6443, VpcId: subnet?.VpcId, TargetType: "ip" },
    }),
  );
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn;
  const Targets = members.map(({ address }) => ({ Id: address }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await elb.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn, Protocol: "TCP", Port: 443 },
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
}
