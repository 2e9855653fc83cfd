import { causeNow } from "./activities.ts";
import type { Engine } from "./engine.ts";
import { cancelLaunch } from "./launch.ts";
import { type Group, isPending, isSuspended, isTerminating, type Member } from "./model.ts";
import { beginTermination } from "./terminate.ts";

const NOT_RUNNING = new Set(["stopping", "stopped", "shutting-down", "terminated"]);

/**
 * Marks members that EC2 or the load balancer call unhealthy, once they have been so for long enough
 * (docs/references/aws.md#asg-health).
 */
export function evaluateHealth(engine: Engine, group: Group): void {
  if (isSuspended(group, "HealthCheck")) return;
  for (const member of group.members) {
    const reason = evaluateMember(engine, group, member);
    if (!reason) continue;
    if (isPending(member)) {
      cancelLaunch(
        engine,
        group,
        member,
        `Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Server.InternalError: the instance is ${member.ec2State}`,
      );
    } else {
      markUnhealthy(member, reason);
    }
  }
}

export function markUnhealthy(member: Member, cause: string): void {
  member.health = "Unhealthy";
  member.unhealthyCause = cause;
}

function evaluateMember(engine: Engine, group: Group, member: Member): string | undefined {
  if (isTerminating(member) || member.state === "Standby" || member.health === "Unhealthy") return undefined;
  const now = engine.context.clock.now();
  if (NOT_RUNNING.has(member.ec2State)) {
    const detected = now >= member.ec2StateSince + engine.timings.detection;
    return detected ? "an EC2 health check indicating it has been terminated or stopped" : undefined;
  }
  if (member.state !== "InService" || inGracePeriod(engine, group, member)) return undefined;
  if (member.impairedSince !== undefined && now >= member.impairedSince + engine.timings.impairedDelay) {
    return "an EC2 instance status checks failure";
  }
  const failsElb = group.targetGroupArns.some((arn) => engine.targets?.health(arn, member.instanceId) === "unhealthy");
  return group.healthCheckType.includes("ELB") && failsElb ? "an ELB system health check failure" : undefined;
}

export function inGracePeriod(engine: Engine, group: Group, member: Member): boolean {
  const since = member.inServiceSince ?? engine.context.clock.now();
  return engine.context.clock.now() < since + group.healthCheckGracePeriod * 1_000;
}

/**
 * Takes unhealthy members out. The capacity they leave is filled in the same pass: termination and launch run in
 * parallel.
 */
export function replaceUnhealthy(engine: Engine, group: Group): void {
  if (isSuspended(group, "ReplaceUnhealthy") || isSuspended(group, "Terminate")) return;
  for (const member of group.members.filter(({ state, health }) => state === "InService" && health === "Unhealthy")) {
    group.replacementsOwed += 1;
    beginTermination(engine, group, member, {
      cause: causeNow(engine, `an instance was taken out of service in response to ${member.unhealthyCause}.`),
    });
  }
}

export function replacementCause(engine: Engine): string {
  return causeNow(engine, "an instance was launched in response to an unhealthy instance needing to be replaced.");
}
