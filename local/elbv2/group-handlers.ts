import { randomBytes } from "node:crypto";
import type * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { changeAttributes, checkName, getTargetGroup, toTags, validationError, viewAttributes } from "./lookup.ts";
import type { HealthCheck, TargetGroup } from "./model.ts";

export function groupHandlers(engine: Engine): Handlers<typeof elb> {
  const { state } = engine;
  return {
    CreateTargetGroup: (input) => ({ TargetGroups: [view(engine, createGroup(engine, input))] }),
    ModifyTargetGroup: (input) => {
      const group = getTargetGroup(state, input.TargetGroupArn);
      group.check = toHealthCheck(input, group.check);
      return { TargetGroups: [view(engine, group)] };
    },
    DescribeTargetGroups: (input) => {
      const { TargetGroupArns: arns, Names: names, LoadBalancerArn: balancer } = input;
      for (const arn of arns ?? []) getTargetGroup(state, arn);
      const all = Object.values(state.groups);
      if ((names ?? []).some((name) => !all.some((each) => each.name === name))) {
        throw new AwsError("TargetGroupNotFoundException", "One or more target groups not found");
      }
      const wanted = all.filter(
        (each) =>
          (!arns || arns.includes(each.arn)) &&
          (!names || names.includes(each.name)) &&
          (!balancer || balancersOf(engine, each).includes(balancer)),
      );
      const page = paginate(wanted, {
        limit: input.PageSize ?? 400,
        token: input.Marker,
        tokenError: "ValidationError",
      });
      return { TargetGroups: page.items.map((each) => view(engine, each)), NextMarker: page.nextToken };
    },
    DeleteTargetGroup: (input) => {
      const arn = required(input.TargetGroupArn, "TargetGroupArn");
      if (Object.values(state.listeners).some((listener) => listener.targetGroupArn === arn)) {
        throw new AwsError(
          "ResourceInUseException",
          `Target group '${arn}' is currently in use by a listener or a rule`,
        );
      }
      delete state.groups[arn];
      return {};
    },
    DescribeTargetGroupAttributes: (input) => ({
      Attributes: viewAttributes(getTargetGroup(state, input.TargetGroupArn).attributes),
    }),
    ModifyTargetGroupAttributes: (input) => {
      const group = getTargetGroup(state, input.TargetGroupArn);
      group.attributes = changeAttributes(group.attributes, input.Attributes);
      return { Attributes: viewAttributes(group.attributes) };
    },
  };
}

function createGroup(engine: Engine, input: elb.CreateTargetGroupInput): TargetGroup {
  engine.ensureRole();
  const name = required(input.Name, "Name");
  checkName(name, "target group");
  if (input.Protocol !== "TCP")
    throw validationError(`Target groups of protocol '${input.Protocol}' are not supported by this local cloud`);
  const targetType = input.TargetType ?? "instance";
  if (targetType !== "instance" && targetType !== "ip") {
    throw validationError(`Target groups of type '${targetType}' are not supported by this local cloud`);
  }
  const port = required(input.Port, "Port");
  const vpcId = required(input.VpcId, "VpcId");
  const check = toHealthCheck(input, undefined);
  const settings = JSON.stringify({ port, vpcId, targetType, check });
  const existing = Object.values(engine.state.groups).find((each) => each.name === name);
  if (existing?.settings === settings) return existing;
  if (existing) {
    throw new AwsError(
      "DuplicateTargetGroupNameException",
      `A target group with the same name '${name}' exists, but with different settings`,
    );
  }
  const { region, accountId } = engine.context;
  const group: TargetGroup = {
    arn: `arn:aws:elasticloadbalancing:${region}:${accountId}:targetgroup/${name}/${randomBytes(8).toString("hex")}`,
    name,
    port,
    vpcId,
    targetType,
    settings,
    check,
    targets: [],
    tags: toTags(input.Tags),
    attributes: {
      "deregistration_delay.timeout_seconds": "300",
      "deregistration_delay.connection_termination.enabled": "false",
      // On for instances, off for addresses of TCP groups (docs/references/aws.md#load-balancer): decides whether a
      // master can reach itself.
      "preserve_client_ip.enabled": String(targetType === "instance"),
      "proxy_protocol_v2.enabled": "false",
      "stickiness.enabled": "false",
      "stickiness.type": "source_ip",
      "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    },
  };
  engine.state.groups[group.arn] = group;
  return group;
}

function toHealthCheck(
  input: elb.CreateTargetGroupInput | elb.ModifyTargetGroupInput,
  current: HealthCheck | undefined,
): HealthCheck {
  const protocol = input.HealthCheckProtocol ?? current?.protocol ?? "TCP";
  if (protocol !== "TCP" && protocol !== "HTTPS") {
    throw validationError(`Health checks of protocol '${protocol}' are not supported by this local cloud`);
  }
  if (protocol === "TCP" && input.HealthCheckPath !== undefined) {
    throw validationError("Health check path is not supported for health checks with protocol TCP");
  }
  const intervalSeconds = input.HealthCheckIntervalSeconds ?? current?.intervalSeconds ?? 30;
  const timeoutSeconds = input.HealthCheckTimeoutSeconds ?? current?.timeoutSeconds ?? 10;
  // Seen on AWS: kubernetes-sigs/aws-load-balancer-controller#2951, terraform-linters/tflint-ruleset-aws#404.
  if (intervalSeconds <= timeoutSeconds)
    throw validationError("Health check interval must be greater than the timeout.");
  const path = protocol === "HTTPS" ? (input.HealthCheckPath ?? current?.path ?? "/") : undefined;
  return {
    protocol,
    port: input.HealthCheckPort ?? current?.port ?? "traffic-port",
    ...(path === undefined ? {} : { path }),
    intervalSeconds,
    timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? current?.healthyThreshold ?? 5,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? current?.unhealthyThreshold ?? 2,
  };
}

function balancersOf(engine: Engine, group: TargetGroup): string[] {
  const listeners = Object.values(engine.state.listeners).filter((each) => each.targetGroupArn === group.arn);
  return [...new Set(listeners.map(({ balancerArn }) => balancerArn))];
}

function view(engine: Engine, group: TargetGroup): elb.TargetGroup {
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: "TCP",
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: group.check.protocol,
    HealthCheckPort: group.check.port,
    HealthCheckPath: group.check.path,
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: group.check.intervalSeconds,
    HealthCheckTimeoutSeconds: group.check.timeoutSeconds,
    HealthyThresholdCount: group.check.healthyThreshold,
    UnhealthyThresholdCount: group.check.unhealthyThreshold,
    Matcher: group.check.protocol === "HTTPS" ? { HttpCode: "200-399" } : undefined,
    LoadBalancerArns: balancersOf(engine, group),
    TargetType: group.targetType,
    IpAddressType: "ipv4",
  };
}
