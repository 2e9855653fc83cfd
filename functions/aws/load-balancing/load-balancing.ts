import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeregisterTargetsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  paginateDescribeLoadBalancers,
  RegisterTargetsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { balancerName, type Owner, ownerTags } from "../../domain/cluster/naming.ts";
import type { EndpointFacts } from "../../domain/drift/endpoint-drift.ts";
import { listenerDifferences, requireOwn, tagDifferences } from "../../domain/ownership/adoption.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import { fromTags, lookUp, toTags } from "../ec2/client.ts";

export interface EndpointRequest {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly scheme: "internet-facing" | "internal";
  /** None lets everybody in; a balancer that was made without one cannot be given any. */
  readonly securityGroupIds: readonly string[];
  /** The masters' fixed addresses: registered once, for as long as they stay in their zones. */
  readonly addresses: readonly string[];
}

export interface Endpoint {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  readonly dnsName: string;
  readonly hostedZoneId: string;
}

const API_PORT = 443;
const API_SERVER_PORT = 6443;

/**
 * Creates the API's network load balancer. Target type `ip` lets a master reach itself through it
 * (docs/references/aws.md#load-balancer). Create calls return an existing one with the same name and settings, so only
 * its tags are read.
 */
export async function ensureEndpoint(
  elb: ElasticLoadBalancingV2Client,
  owner: Owner,
  request: EndpointRequest,
): Promise<Endpoint> {
  const [balancers, groups] = await Promise.all([
    createBalancer(elb, owner, request),
    createTargetGroup(elb, owner, request.vpcId),
  ]);
  const balancer = present(balancers.LoadBalancers?.[0], "a load balancer");
  const loadBalancerArn = present(balancer.LoadBalancerArn, "a load balancer ARN");
  const targetGroupArn = present(groups.TargetGroups?.[0]?.TargetGroupArn, "a target group ARN");
  if (!owner.blank) {
    await requireOwnBalancing(elb, owner, { "load-balancer": loadBalancerArn, "target-group": targetGroupArn });
  }
  await Promise.all([
    registerTargets(elb, targetGroupArn, request.addresses),
    useAllZones(elb, targetGroupArn),
    ensureListener(elb, owner, loadBalancerArn, targetGroupArn),
  ]);
  return {
    loadBalancerArn,
    targetGroupArn,
    dnsName: present(balancer.DNSName, "a DNS name"),
    hostedZoneId: present(balancer.CanonicalHostedZoneId, "a hosted zone id"),
  };
}

/**
 * Enables zones of the API's load balancer by their subnets. All that are enabled are named again: one that is left out
 * would lose its connections. May be repeated.
 */
export async function enableZones(
  elb: ElasticLoadBalancingV2Client,
  owner: Owner,
  LoadBalancerArn: string,
  subnetIds: readonly string[],
): Promise<void> {
  const request = new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] });
  const { LoadBalancers: [balancer] = [] } = await call(elb.send(request));
  const enabled = (balancer?.AvailabilityZones ?? []).flatMap(({ SubnetId }) => SubnetId ?? []);
  const missing = subnetIds.filter((id) => !enabled.includes(id));
  if (missing.length === 0) return;
  await requireOwnBalancing(elb, owner, { "load-balancer": LoadBalancerArn });
  await call(elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: [...enabled, ...missing] })));
}

function createBalancer(elb: ElasticLoadBalancingV2Client, owner: Owner, request: EndpointRequest) {
  return call(
    elb.send(
      new CreateLoadBalancerCommand({
        Name: balancerName(owner),
        Type: "network",
        Scheme: request.scheme,
        Subnets: [...request.subnetIds],
        ...(request.securityGroupIds.length === 0 ? {} : { SecurityGroups: [...request.securityGroupIds] }),
        Tags: toTags(ownerTags(owner, "load-balancer")),
      }),
    ),
  );
}

function createTargetGroup(elb: ElasticLoadBalancingV2Client, owner: Owner, VpcId: string) {
  return call(
    elb.send(
      new CreateTargetGroupCommand({
        Name: balancerName(owner),
        Protocol: "TCP",
        Port: API_SERVER_PORT,
        VpcId,
        TargetType: "ip",
        HealthCheckProtocol: "HTTPS",
        HealthCheckPath: "/readyz",
        // The shortest that AWS takes: until a master that is silent has failed twice, new connections still go there.
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 4,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        Tags: toTags(ownerTags(owner, "target-group")),
      }),
    ),
  );
}

/**
 * A network load balancer forwards within a zone by default. An address then stays in DNS until its zone's
 * only master has failed its checks, and those of zones without masters lead nowhere while no master at all is healthy.
 */
async function useAllZones(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<void> {
  const Attributes = [{ Key: "load_balancing.cross_zone.enabled", Value: "true" }];
  await call(elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes })));
}

async function requireOwnBalancing(
  elb: ElasticLoadBalancingV2Client,
  owner: Owner,
  arns: Readonly<Record<string, string>>,
): Promise<void> {
  const { TagDescriptions = [] } = await call(elb.send(new DescribeTagsCommand({ ResourceArns: Object.values(arns) })));
  for (const [resource, arn] of Object.entries(arns)) {
    const tags = TagDescriptions.find(({ ResourceArn }) => ResourceArn === arn)?.Tags;
    const found = fromTags(tags?.map(({ Key, Value }) => ({ Key, Value })));
    requireOwn(arn, owner, tagDifferences(owner, resource, found));
  }
}

/** Another address of a master takes the place of its former one. May be repeated. */
export async function replaceTarget(
  elb: ElasticLoadBalancingV2Client,
  targetGroup: Owned<"target-group">,
  former: string,
  address: string,
): Promise<void> {
  await registerTargets(elb, targetGroup.id, [address]);
  await deregisterTargets(elb, targetGroup, [former]);
}

/** Masters that go get no new connections; those that are open stay until they end. */
export async function deregisterTargets(
  elb: ElasticLoadBalancingV2Client,
  { id: TargetGroupArn }: Owned<"target-group">,
  addresses: readonly string[],
): Promise<void> {
  const Targets = addresses.map((Id) => ({ Id, Port: API_SERVER_PORT }));
  await call(elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets })));
}

/** The targets of an API as its load balancer sees them; undefined if the target group does not exist. */
export async function readTargets(elb: ElasticLoadBalancingV2Client, TargetGroupArn: string): Promise<EndpointFacts> {
  const request = new DescribeTargetHealthCommand({ TargetGroupArn });
  const answer = await ignoring(["TargetGroupNotFound", "TargetGroupNotFoundException"], elb.send(request));
  return answer?.TargetHealthDescriptions?.map(({ Target, TargetHealth }) => ({
    address: Target?.Id ?? "",
    state: TargetHealth?.State ?? "unknown",
    reason: TargetHealth?.Reason ?? null,
  }));
}

/** Puts masters back among the targets. One that is registered stays as it is. */
export async function registerTargets(
  elb: ElasticLoadBalancingV2Client,
  TargetGroupArn: string,
  addresses: readonly string[],
): Promise<void> {
  const Targets = addresses.map((Id) => ({ Id, Port: API_SERVER_PORT }));
  await call(elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets })));
}

async function ensureListener(
  elb: ElasticLoadBalancingV2Client,
  owner: Owner,
  LoadBalancerArn: string,
  TargetGroupArn: string,
): Promise<void> {
  const { Listeners = [] } = await lookUp(owner, () => elb.send(new DescribeListenersCommand({ LoadBalancerArn })));
  const found = Listeners.find(({ Port }) => Port === API_PORT);
  if (found) {
    const targetGroupArn = found.DefaultActions?.[0]?.TargetGroupArn;
    return requireOwn(`listener ${found.ListenerArn}`, owner, listenerDifferences(TargetGroupArn, { targetGroupArn }));
  }
  // A repetition of ours, after an answer was lost, meets its own listener.
  await ignoring(
    ["DuplicateListener", "DuplicateListenerException"],
    elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: "TCP",
        Port: API_PORT,
        DefaultActions: [{ Type: "forward", TargetGroupArn }],
        Tags: toTags(ownerTags(owner, "listener")),
      }),
    ),
  );
}

/** Network load balancers of the whole Region. */
export async function countNetworkBalancers(elb: ElasticLoadBalancingV2Client): Promise<number> {
  return call(
    (async () => {
      let count = 0;
      for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: elb, pageSize: 400 }, {})) {
        count += LoadBalancers.filter(({ Type }) => Type === "network").length;
      }
      return count;
    })(),
  );
}
