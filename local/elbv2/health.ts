import type { Engine } from "./engine.ts";
import type { Balancer, Target, TargetGroup } from "./model.ts";

/** Checks every target that a listener uses, really, from inside the VPC; and ends what has drained. */
export async function checkTargets(engine: Engine): Promise<void> {
  const used = new Set(Object.values(engine.state.listeners).map(({ targetGroupArn }) => targetGroupArn));
  const checks: Promise<void>[] = [];
  for (const group of Object.values(engine.state.groups)) {
    group.targets = group.targets.filter(
      ({ drainedAt = Number.POSITIVE_INFINITY }) => drainedAt > engine.context.clock.now(),
    );
    for (const target of group.targets) {
      if (target.state === "draining" || target.reason === "Target.InvalidState") continue;
      if (used.has(group.arn)) checks.push(checkTarget(engine, group, target));
      else mark(target, "unused", "Target.NotInUse");
    }
  }
  await Promise.all(checks);
}

async function checkTarget(engine: Engine, group: TargetGroup, target: Target): Promise<void> {
  const balancer = balancerInFrontOf(engine, group);
  const from = balancer?.zones[0]?.address;
  // A balancer that is still being made checks nothing.
  if (!balancer || from === undefined) return mark(target, "initial", "Elb.InitialHealthChecking");
  const checkedFrom = Math.max(balancer.activeAt, target.registeredAt ?? 0) + engine.timings.registration;
  if (engine.context.clock.now() < checkedFrom) return mark(target, "initial", "Elb.RegistrationInProgress");
  if (target.address === "") target.address = await addressOf(engine, target.id);
  const port = group.check.port === "traffic-port" ? target.port : Number(group.check.port);
  const timeoutMs = Math.min(group.check.timeoutSeconds * 1_000, engine.timings.healthTimeout);
  const answered =
    target.address !== "" &&
    (await engine.hosts.probe(group.vpcId, target.address, port, {
      timeoutMs,
      from,
      ...(group.check.path === undefined ? {} : { path: group.check.path }),
    }));
  evaluateTarget(group, target, answered);
}

/** An active balancer that forwards to the group: health checks come from its first address. */
function balancerInFrontOf({ state, context }: Engine, group: TargetGroup): Balancer | undefined {
  const arns = Object.values(state.listeners)
    .filter(({ targetGroupArn }) => targetGroupArn === group.arn)
    .map(({ balancerArn }) => balancerArn);
  return arns.map((arn) => state.balancers[arn]).find((each) => each && each.activeAt <= context.clock.now());
}

/** A target changes its state after as many equal results in a row as the group's thresholds ask. */
function evaluateTarget(group: TargetGroup, target: Target, answered: boolean): void {
  // It may have been deregistered while the check ran.
  if (target.state === "draining") return;
  if (target.state === "unused") target.streak = 0;
  target.streak = answered ? Math.max(target.streak, 0) + 1 : Math.min(target.streak, 0) - 1;
  if (target.streak >= group.check.healthyThreshold) mark(target, "healthy");
  else if (-target.streak >= group.check.unhealthyThreshold) mark(target, "unhealthy", "Target.FailedHealthChecks");
  else if (target.state === "unused" || target.state === "initial")
    mark(target, "initial", "Elb.InitialHealthChecking");
}

export function mark(target: Target, state: Target["state"], reason?: NonNullable<Target["reason"]>): void {
  target.state = state;
  if (reason) target.reason = reason;
  else delete target.reason;
}

async function addressOf(engine: Engine, instanceId: string): Promise<string> {
  const answer = await engine.ec2("DescribeInstances", { Filters: [{ Name: "instance-id", Values: [instanceId] }] });
  return answer.Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress ?? "";
}
