import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { arnIn, type CloudState } from "./cloud-state.ts";
import {
  type ConditionKeys,
  type Demand,
  type Demands,
  demand,
  given,
  type Mapping,
  mappingOf,
  requestTags,
  resourceTags,
} from "./demand.ts";
import { serviceLinkedRole } from "./service-linked-roles.ts";

const PREFIX = "elasticloadbalancing";

/** "Actions, resources, and condition keys for AWS Elastic Load Balancing V2". Only network load balancers exist here. */
export function loadBalancingMapping(cloud: CloudState): Mapping {
  const use = (action: string, arns: readonly (string | undefined)[], keys: ConditionKeys = {}): Demand[] =>
    given(arns).map((arn) => demand(`${PREFIX}:${action}`, arn, { ...tagsOf(cloud, arn), ...keys }));
  const listenerBelow = (arn = "") => `${arn.replace(":loadbalancer/", ":listener/")}/*`;
  const demands: Demands<typeof elb> = {
    CreateLoadBalancer: (input) => [
      ...serviceLinkedRole(cloud, "elasticloadbalancing.amazonaws.com"),
      ...create("CreateLoadBalancer", arnIn(cloud, PREFIX, `loadbalancer/net/${input.Name}/*`), input.Tags, {
        "elasticloadbalancing:Scheme": input.Scheme ?? "internet-facing",
        "elasticloadbalancing:Subnet": given(input.Subnets ?? []),
        "elasticloadbalancing:SecurityGroup": given(input.SecurityGroups ?? []),
      }),
    ],
    CreateTargetGroup: (input) => [
      ...serviceLinkedRole(cloud, "elasticloadbalancing.amazonaws.com"),
      ...create("CreateTargetGroup", arnIn(cloud, PREFIX, `targetgroup/${input.Name}/*`), input.Tags),
    ],
    // A listener is made on its load balancer, and tagged under an ARN of its own.
    CreateListener: (input) => [
      ...use("CreateListener", [input.LoadBalancerArn], {
        ...requestTags(input.Tags),
        ...(input.Protocol && { "elasticloadbalancing:ListenerProtocol": input.Protocol }),
      }),
      ...tagOnCreate("CreateListener", listenerBelow(input.LoadBalancerArn), input.Tags),
    ],
    SetSubnets: (input) =>
      use("SetSubnets", [input.LoadBalancerArn], { "elasticloadbalancing:Subnet": given(input.Subnets ?? []) }),
    ModifyListener: (input) => use("ModifyListener", [input.ListenerArn]),
    DeleteListener: (input) => use("DeleteListener", [input.ListenerArn]),
    ModifyLoadBalancerAttributes: (input) => use("ModifyLoadBalancerAttributes", [input.LoadBalancerArn]),
    DeleteLoadBalancer: (input) => use("DeleteLoadBalancer", [input.LoadBalancerArn]),
    ModifyTargetGroup: (input) => use("ModifyTargetGroup", [input.TargetGroupArn]),
    ModifyTargetGroupAttributes: (input) => use("ModifyTargetGroupAttributes", [input.TargetGroupArn]),
    DeleteTargetGroup: (input) => use("DeleteTargetGroup", [input.TargetGroupArn]),
    RegisterTargets: (input) => use("RegisterTargets", [input.TargetGroupArn]),
    DeregisterTargets: (input) => use("DeregisterTargets", [input.TargetGroupArn]),
    AddTags: (input) => use("AddTags", input.ResourceArns ?? [], requestTags(input.Tags)),
    RemoveTags: (input) =>
      use("RemoveTags", input.ResourceArns ?? [], input.TagKeys ? { "aws:TagKeys": input.TagKeys } : {}),
  };
  return mappingOf(PREFIX, demands, /^Describe/);
}

function create(
  action: string,
  resource: string,
  tags: readonly elb.Tag[] | undefined,
  keys: ConditionKeys = {},
): Demand[] {
  const created = demand(`${PREFIX}:${action}`, resource, { ...keys, ...requestTags(tags) });
  return [created, ...tagOnCreate(action, resource, tags)];
}

/** "If tags are specified in the resource-creating action, additional authorization is required on AddTags" (ELB user guide). */
function tagOnCreate(action: string, resource: string, tags: readonly elb.Tag[] | undefined): Demand[] {
  if (!tags || tags.length === 0) return [];
  const keys = { ...requestTags(tags), "elasticloadbalancing:CreateAction": action };
  return [demand(`${PREFIX}:AddTags`, resource, keys)];
}

function tagsOf(cloud: CloudState, arn: string): ConditionKeys {
  const { balancers, groups, listeners } = cloud.elbV2();
  const found = balancers[arn] ?? groups[arn] ?? listeners[arn];
  return found ? resourceTags(found.tags, "elasticloadbalancing:ResourceTag") : {};
}
