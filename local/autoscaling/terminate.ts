import { AwsError } from "../wire/contract.ts";
import { advanceActivity, causeNow, endActivity, startActivity } from "./activities.ts";
import type { Engine } from "./engine.ts";
import { beginActions } from "./hooks.ts";
import type { Activity, Group, Member } from "./model.ts";

/** Takes a member out of service: out of its target groups, through the terminating hooks, then ended in EC2. */
export function beginTermination(
  engine: Engine,
  group: Group,
  member: Member,
  options: { cause: string; hooks?: boolean },
): Activity {
  member.actions = [];
  for (const arn of group.targetGroupArns) engine.targets?.deregisterInstance(arn, member.instanceId);
  const activity = startTerminateActivity(engine, group, member, options.cause);
  const waits = options.hooks !== false && beginActions(engine, group, member, "autoscaling:EC2_INSTANCE_TERMINATING");
  member.state = waits ? "Terminating:Wait" : "Terminating";
  if (waits) advanceActivity(engine, activity.id, "MidLifecycleAction", 50);
  member.dueAt = engine.context.clock.now();
  engine.wake(group);
  return activity;
}

function startTerminateActivity(engine: Engine, group: Group, member: Member, cause: string): Activity {
  const activity = startActivity(engine, group, {
    kind: "terminate",
    description: `Terminating EC2 instance: ${member.instanceId}`,
    cause,
    instanceId: member.instanceId,
    details: { "Subnet ID": member.subnetId, "Availability Zone": member.zone },
  });
  member.activityId = activity.id;
  return activity;
}

/** The hooks are done with it, whatever they said: both results of a terminating hook end in termination. */
export function proceedTermination(engine: Engine, group: Group, member: Member): void {
  member.actions = [];
  member.state = "Terminating:Proceed";
  advanceActivity(engine, member.activityId, "InProgress", 60);
  engine.wake(group);
}

/** One step of a member that no hook holds: ask EC2 to end it, and forget it once EC2 says that it is terminated. */
export function stepTermination(engine: Engine, group: Group, member: Member): void {
  if (member.ec2State === "terminated") {
    endActivity(engine, member.activityId, "Successful");
    group.members = group.members.filter((other) => other !== member);
    engine.wake(group);
  } else if (!member.terminateSent && member.dueAt <= engine.context.clock.now()) {
    member.terminateSent = true;
    void sendTerminate(engine, group, member);
  }
}

async function sendTerminate(engine: Engine, group: Group, member: Member): Promise<void> {
  try {
    await engine.ec2("TerminateInstances", { InstanceIds: [member.instanceId] });
  } catch (error) {
    member.terminateSent = false;
    member.dueAt = engine.context.clock.now() + engine.timings.firstRetry;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof AwsError && error.code === "InvalidInstanceID.NotFound") {
      forgetIfOld(engine, member);
    } else {
      engine.context.log(`autoscaling: cannot terminate ${member.instanceId}: ${message}`);
      endActivity(engine, member.activityId, "Failed", message);
      startTerminateActivity(engine, group, member, causeNow(engine, "a termination that failed was tried again."));
    }
  }
  engine.wake(group);
}

/** EC2 may not know an instance *yet*; one that it has had time to learn of is gone. */
export function forgetIfOld(engine: Engine, member: Member): void {
  if (engine.context.clock.now() - member.launchedAt < engine.timings.describeLag) return;
  member.ec2State = "terminated";
  member.ec2StateSince = engine.context.clock.now();
}
