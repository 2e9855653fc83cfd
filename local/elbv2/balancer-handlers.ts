import { randomBytes } from "node:crypto";
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { changeAttributes, checkName, getBalancer, toTags, validationError, viewAttributes } from "./lookup.ts";
import type { Balancer, BalancerZone } from "./model.ts";
import { addZones, setSubnets, zonesOf } from "./zones.ts";

/** What a network load balancer starts with. */
const DEFAULT_ATTRIBUTES = {
  "deletion_protection.enabled": "false",
  "load_balancing.cross_zone.enabled": "false",
  "access_logs.s3.enabled": "false",
  "access_logs.s3.bucket": "",
  "access_logs.s3.prefix": "",
  "dns_record.client_routing_policy": "any_availability_zone",
};

/** The hosted zone of network load balancers in us-west-2, for alias records. */
const HOSTED_ZONE = "Z18D5FSROUN65G";

export function balancerHandlers(engine: Engine): Handlers<typeof elb> {
  const { state } = engine;
  return {
    CreateLoadBalancer: async (input) => ({ LoadBalancers: [view(engine, await createBalancer(engine, input))] }),
    DescribeLoadBalancers: (input) => {
      const { LoadBalancerArns: arns, Names: names } = input;
      for (const arn of arns ?? []) getBalancer(state, arn);
      const all = Object.values(state.balancers);
      const absent = (names ?? []).filter((name) => !all.some((each) => each.name === name));
      if (absent.length > 0) {
        throw new AwsError("LoadBalancerNotFoundException", `Load balancers '[${absent.join(", ")}]' not found`);
      }
      const wanted = all.filter((each) => (!arns || arns.includes(each.arn)) && (!names || names.includes(each.name)));
      const page = paginate(wanted, {
        limit: input.PageSize ?? 400,
        token: input.Marker,
        tokenError: "ValidationError",
      });
      return { LoadBalancers: page.items.map((each) => view(engine, each)), NextMarker: page.nextToken };
    },
    DeleteLoadBalancer: (input) => {
      // Deleting what is not there succeeds (API reference).
      const balancer = state.balancers[required(input.LoadBalancerArn, "LoadBalancerArn")];
      if (balancer) deleteBalancer(engine, balancer);
      return {};
    },
    SetSubnets: (input) => setSubnets(engine, input),
    DescribeLoadBalancerAttributes: (input) => ({
      Attributes: viewAttributes(getBalancer(state, input.LoadBalancerArn).attributes),
    }),
    ModifyLoadBalancerAttributes: (input) => {
      const balancer = getBalancer(state, input.LoadBalancerArn);
      balancer.attributes = changeAttributes(balancer.attributes, input.Attributes);
      return { Attributes: viewAttributes(balancer.attributes) };
    },
  };
}

async function createBalancer(engine: Engine, input: elb.CreateLoadBalancerInput): Promise<Balancer> {
  engine.ensureRole();
  const name = required(input.Name, "Name");
  checkName(name, "load balancer");
  if (input.Type !== "network")
    throw validationError(
      `Load balancers of type '${input.Type ?? "application"}' are not supported by this local cloud`,
    );
  const subnets = input.Subnets ?? (input.SubnetMappings ?? []).map(({ SubnetId = "" }) => SubnetId);
  if (subnets.length === 0) throw validationError("At least one subnet must be specified");
  const scheme = input.Scheme ?? "internet-facing";
  const settings = JSON.stringify({ scheme, subnets: subnets.toSorted(), groups: input.SecurityGroups ?? [] });
  const zones = await zonesOf(engine, subnets);
  const existing = Object.values(engine.state.balancers).find((each) => each.name === name);
  if (existing) return repeated(existing, settings);
  if (Object.keys(engine.state.balancers).length >= engine.quotas.limit("networkLoadBalancers")) {
    throw new AwsError("TooManyLoadBalancersException", "You've reached the limit on the number of load balancers.");
  }
  return register(engine, {
    name,
    scheme,
    settings,
    zones,
    tags: toTags(input.Tags),
    groups: input.SecurityGroups ?? [],
  });
}

/**
 * Creating twice with the same settings is one creation; a name that means something else is a conflict (API
 * reference).
 */
function repeated(existing: Balancer, settings: string): Balancer {
  if (existing.settings === settings) return existing;
  throw new AwsError(
    "DuplicateLoadBalancerNameException",
    `A load balancer with the same name '${existing.name}' exists, but with different settings`,
  );
}

function register(
  engine: Engine,
  request: {
    name: string;
    scheme: elb.LoadBalancerSchemeEnum;
    settings: string;
    zones: Pick<BalancerZone, "zone" | "subnetId">[];
    tags: Record<string, string>;
    groups: string[];
  },
): Balancer {
  const { region, accountId, clock } = engine.context;
  const suffix = randomBytes(8).toString("hex");
  const path = `net/${request.name}/${suffix}`;
  const activeAt = clock.now() + engine.timings.provisioning;
  const zones = addZones(engine, { path, groups: request.groups, activeAt }, request.zones);
  const balancer: Balancer = {
    arn: `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/${path}`,
    name: request.name,
    dnsName: `${request.name}-${suffix}.elb.${region}.amazonaws.com`,
    scheme: request.scheme,
    vpcId: engine.service.vpcOf(zones[0]?.subnetId ?? ""),
    zones,
    securityGroups: request.groups,
    createdAt: clock.now(),
    activeAt,
    settings: request.settings,
    attributes: { ...DEFAULT_ATTRIBUTES },
    tags: request.tags,
  };
  engine.state.balancers[balancer.arn] = balancer;
  return balancer;
}

function deleteBalancer(engine: Engine, balancer: Balancer): void {
  if (balancer.attributes["deletion_protection.enabled"] === "true") {
    throw new AwsError(
      "OperationNotPermittedException",
      `Load balancer '${balancer.arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  delete engine.state.balancers[balancer.arn];
  for (const listener of Object.values(engine.state.listeners)) {
    if (listener.balancerArn === balancer.arn) delete engine.state.listeners[listener.arn];
  }
  const at = engine.context.clock.now() + engine.timings.release;
  engine.state.releasing.push(...balancer.zones.map(({ interfaceId }) => ({ interfaceId, at })));
  engine.sync();
}

function view(engine: Engine, balancer: Balancer): elb.LoadBalancer {
  const active = engine.context.clock.now() >= balancer.activeAt;
  return {
    LoadBalancerArn: balancer.arn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: HOSTED_ZONE,
    CreatedTime: new Date(balancer.createdAt),
    LoadBalancerName: balancer.name,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: active ? "active" : "provisioning" },
    Type: "network",
    AvailabilityZones: balancer.zones.map(({ zone, subnetId }) => ({
      ZoneName: zone,
      SubnetId: subnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [...balancer.securityGroups],
    IpAddressType: "ipv4",
  };
}
