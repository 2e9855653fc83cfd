import { expect, test } from "vitest";
import { FakeEc2 } from "../testing/fake-ec2.ts";
import { ScriptedHosts } from "../testing/scripted-hosts.ts";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createElbV2 } from "./elbv2.ts";
import type { ElbTimings } from "./timings.ts";

function createStage(timings: Partial<ElbTimings> = {}) {
  const clock = new VirtualClock();
  const hosts = new ScriptedHosts();
  const ec2 = new FakeEc2();
  const elb = createElbV2(recordingContext(clock), { ec2, hosts, timings });
  return { clock, hosts, ec2, elb, aws: client(elb.handlers) };
}

const balancer = {
  Name: "demo-api",
  Type: "network",
  Scheme: "internal",
  Subnets: ["subnet-a", "subnet-b"],
} as const;

const group = {
  Name: "demo-api",
  Protocol: "TCP",
  Port: 6443,
  VpcId: "vpc-1",
  TargetType: "ip",
  HealthyThresholdCount: 2,
  UnhealthyThresholdCount: 2,
} as const;

async function serving(timings: Partial<ElbTimings> = {}) {
  const stage = createStage(timings);
  const { aws, clock } = stage;
  const made = (await aws("CreateLoadBalancer", { ...balancer, Subnets: [...balancer.Subnets] })).LoadBalancers?.[0];
  const balancerArn = made?.LoadBalancerArn ?? "";
  const groupArn = (await aws("CreateTargetGroup", group)).TargetGroups?.[0]?.TargetGroupArn ?? "";
  const targets = ["10.0.0.1", "10.0.0.2"].map((Id) => ({ Id }));
  await aws("RegisterTargets", { TargetGroupArn: groupArn, Targets: targets });
  const action = { Type: "forward", TargetGroupArn: groupArn } as const;
  await aws("CreateListener", {
    LoadBalancerArn: balancerArn,
    Protocol: "TCP",
    Port: 443,
    DefaultActions: [action],
  });
  await clock.advance(600);
  const health = async () => {
    const { TargetHealthDescriptions } = await aws("DescribeTargetHealth", { TargetGroupArn: groupArn });
    return TargetHealthDescriptions?.map((each) => `${each.Target?.Id} ${each.TargetHealth?.State}`);
  };
  const dnsName = made?.DNSName ?? "";
  const forwarded = () => stage.hosts.balancers.get(dnsName)?.listeners[0]?.targets.map(({ address }) => address);
  return { ...stage, balancerArn, groupArn, dnsName, health, forwarded };
}

test("F4: a health check that may take as long as the time between two is refused", async () => {
  const { aws } = createStage();
  const checked = { ...group, HealthCheckIntervalSeconds: 5 };

  await expect(aws("CreateTargetGroup", { ...checked, HealthCheckTimeoutSeconds: 5 })).rejects.toThrow(
    "Health check interval must be greater than the timeout.",
  );
  await expect(aws("CreateTargetGroup", { ...checked, HealthCheckTimeoutSeconds: 4 })).resolves.toBeDefined();
});

test("a balancer is provisioning and then active, with one managed interface a subnet", async () => {
  const { aws, clock, ec2 } = createStage();

  const created = (await aws("CreateLoadBalancer", { ...balancer, Subnets: [...balancer.Subnets] })).LoadBalancers?.[0];
  await clock.advance(600);
  const later = (await aws("DescribeLoadBalancers", { Names: ["demo-api"] })).LoadBalancers?.[0];

  expect(created?.State?.Code).toBe("provisioning");
  expect(created?.DNSName).toMatch(/^demo-api-[0-9a-f]{16}\.elb\.us-west-2\.amazonaws\.com$/);
  expect(later?.State?.Code).toBe("active");
  expect([...ec2.managedInterfaces.values()]).toEqual(
    Array(2).fill(expect.stringMatching(/^ELB net\/demo-api\/[0-9a-f]{16}$/)),
  );
});

test("creating twice with the same settings is one balancer; with others it is a conflict", async () => {
  const { aws, ec2 } = createStage();
  const request = { ...balancer, Subnets: [...balancer.Subnets] };
  const first = await aws("CreateLoadBalancer", request);

  const second = await aws("CreateLoadBalancer", request);

  expect(second.LoadBalancers?.[0]?.LoadBalancerArn).toBe(first.LoadBalancers?.[0]?.LoadBalancerArn);
  expect(ec2.managedInterfaces.size).toBe(2);
  await expect(aws("CreateLoadBalancer", { ...request, Subnets: ["subnet-c"] })).rejects.toMatchObject({
    code: "DuplicateLoadBalancerNameException",
  });
});

test("zones: subnets that are named again stay, a new one forwards after a while, one that is left out is gone", async () => {
  const { aws, clock, ec2, hosts, balancerArn, dnsName } = await serving();
  const addresses = () => hosts.balancers.get(dnsName)?.addresses.length;

  const answer = await aws("SetSubnets", {
    LoadBalancerArn: balancerArn,
    Subnets: ["subnet-a", "subnet-b", "subnet-c"],
  });
  await clock.advance(300);
  const before = addresses();
  await clock.advance(600);
  const after = addresses();
  await aws("SetSubnets", { LoadBalancerArn: balancerArn, Subnets: ["subnet-a", "subnet-c"] });
  await clock.advance(1_500);

  expect(answer.AvailabilityZones?.map(({ ZoneName }) => ZoneName)).toEqual(["us-west-2a", "us-west-2b", "us-west-2c"]);
  expect([before, after, addresses()]).toEqual([2, 3, 2]);
  expect(ec2.managedInterfaces.size).toBe(2);
});

test("zones: a subnet needs eight free addresses, and a zone's subnet is not replaced in one step", async () => {
  const { aws, balancerArn, ec2 } = await serving();
  const setSubnets = (...Subnets: string[]) => aws("SetSubnets", { LoadBalancerArn: balancerArn, Subnets });

  ec2.freeAddresses.set("subnet-c", 7);
  await expect(setSubnets("subnet-a", "subnet-b", "subnet-c")).rejects.toThrow(
    "Not enough IP space available in subnet-c. ELB requires at least 8 free IP addresses in each subnet.",
  );
  await expect(setSubnets("subnet-a2", "subnet-b")).rejects.toThrow("cannot be replaced: disable the zone first");
});

test("a target is initial, then healthy or unhealthy by what the probe really finds", async () => {
  const { clock, hosts, health, forwarded } = await serving();
  hosts.reachable.add("10.0.0.1:6443");

  await clock.advance(1_000);
  expect(await health()).toEqual(["10.0.0.1 healthy", "10.0.0.2 unhealthy"]);
  expect(forwarded()).toEqual(["10.0.0.1"]);
  hosts.reachable.delete("10.0.0.1:6443");
  hosts.reachable.add("10.0.0.2:6443");
  await clock.advance(1_000);

  expect(await health()).toEqual(["10.0.0.1 unhealthy", "10.0.0.2 healthy"]);
  expect(forwarded()).toEqual(["10.0.0.2"]);
});

test("with no healthy target the balancer fails open to all", async () => {
  const { clock, forwarded } = await serving();

  await clock.advance(1_000);

  expect(forwarded()).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("MINOR 1: by default an address forwards to targets of its own zone, and stays in DNS until those have failed", async () => {
  const { aws, clock, hosts, groupArn, dnsName } = await serving();
  // 10.0.0.x is in the first zone, 10.0.1.x in the second.
  await aws("DeregisterTargets", { TargetGroupArn: groupArn, Targets: [{ Id: "10.0.0.2" }] });
  await aws("RegisterTargets", { TargetGroupArn: groupArn, Targets: [{ Id: "10.0.1.1" }] });
  hosts.reachable.add("10.0.0.1:6443").add("10.0.1.1:6443");
  const seen = () => {
    const balancer = hosts.balancers.get(dnsName);
    return [balancer?.resolved, balancer?.listeners[0]?.targets.map(({ address, via }) => [address, via])];
  };
  const [first = "", second = ""] = hosts.balancers.get(dnsName)?.addresses ?? [];
  await clock.advance(1_500);
  expect(seen()).toEqual([
    [first, second],
    [
      ["10.0.0.1", [first]],
      ["10.0.1.1", [second]],
    ],
  ]);

  hosts.reachable.delete("10.0.1.1:6443");
  await clock.advance(350);
  expect(seen()[0]).toEqual([first, second]);
  await clock.advance(1_000);
  expect(seen()).toEqual([[first], [["10.0.0.1", [first]]]]);

  const Attributes = [{ Key: "load_balancing.cross_zone.enabled", Value: "true" }];
  await aws("ModifyTargetGroupAttributes", { TargetGroupArn: groupArn, Attributes });
  await clock.advance(500);
  expect(seen()).toEqual([[first, second], [["10.0.0.1", [first, second]]]]);

  hosts.reachable.delete("10.0.0.1:6443");
  await clock.advance(1_500);
  expect(seen()[0]).toEqual([first, second]);
});

test("a deregistered target drains without traffic and is gone after the delay", async () => {
  const { aws, clock, hosts, groupArn, health, forwarded } = await serving();
  hosts.reachable.add("10.0.0.1:6443").add("10.0.0.2:6443");
  await clock.advance(1_000);

  await aws("DeregisterTargets", { TargetGroupArn: groupArn, Targets: [{ Id: "10.0.0.1" }] });
  await clock.advance(100);
  expect(await health()).toEqual(["10.0.0.1 draining", "10.0.0.2 healthy"]);
  expect(forwarded()).toEqual(["10.0.0.2"]);
  await clock.advance(3_000);

  expect(await health()).toEqual(["10.0.0.2 healthy"]);
});

test("targets of a group that no listener uses are unused", async () => {
  const { aws, clock } = createStage();
  const made = await aws("CreateTargetGroup", group);
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn;
  await aws("RegisterTargets", { TargetGroupArn, Targets: [{ Id: "10.0.0.1" }] });

  await clock.advance(1_000);

  expect((await aws("DescribeTargetHealth", { TargetGroupArn })).TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({
    State: "unused",
    Reason: "Target.NotInUse",
    Description: "Target group is not configured to receive traffic from the load balancer",
  });
});

test("a deleted balancer stops forwarding at once and gives its interfaces back later", async () => {
  const { aws, clock, ec2, hosts, balancerArn, groupArn, dnsName } = await serving();

  await expect(aws("DeleteTargetGroup", { TargetGroupArn: groupArn })).rejects.toMatchObject({
    code: "ResourceInUseException",
  });
  await aws("DeleteLoadBalancer", { LoadBalancerArn: balancerArn });
  await clock.advance(10);
  expect(hosts.balancers.has(dnsName)).toBe(false);
  expect(ec2.managedInterfaces.size).toBe(2);
  await clock.advance(2_000);

  expect(ec2.managedInterfaces.size).toBe(0);
  await aws("DeleteTargetGroup", { TargetGroupArn: groupArn });
  await aws("DeleteLoadBalancer", { LoadBalancerArn: balancerArn });
  await expect(aws("DescribeLoadBalancers", { LoadBalancerArns: [balancerArn] })).rejects.toMatchObject({
    code: "LoadBalancerNotFoundException",
  });
});

test("an instance target is probed at its address and leaves the group when it is terminated", async () => {
  const { aws, clock, ec2, elb, hosts, balancerArn } = await serving();
  const id = ec2.add();
  const request = { ...group, Name: "demo-nodes", TargetType: "instance" } as const;
  const TargetGroupArn = (await aws("CreateTargetGroup", request)).TargetGroups?.[0]?.TargetGroupArn ?? "";
  const DefaultActions = [{ Type: "forward" as const, TargetGroupArn }];
  await aws("CreateListener", { LoadBalancerArn: balancerArn, Protocol: "TCP", Port: 80, DefaultActions });
  hosts.reachable.add(`${ec2.instances.get(id)?.address}:6443`);

  elb.targetGroups.registerInstance(TargetGroupArn, id);
  await clock.advance(1_000);
  expect(elb.targetGroups.health(TargetGroupArn, id)).toBe("healthy");
  ec2.setState(id, "terminated");

  expect(elb.targetGroups.health(TargetGroupArn, id)).toBeUndefined();
});

test("--timings aws: a target is checked only once its registration with the active balancer is through", async () => {
  const { clock, health, hosts } = await serving({ registration: 120_000 });
  hosts.reachable.add("10.0.0.1:6443").add("10.0.0.2:6443");

  await clock.advance(100_000);
  expect(await health()).toEqual(["10.0.0.1 initial", "10.0.0.2 initial"]);
  await clock.advance(30_000);

  expect(await health()).toEqual(["10.0.0.1 healthy", "10.0.0.2 healthy"]);
});
