import { randomUUID } from "node:crypto";
import type { Engine } from "./engine.ts";
import type { Group, LifecycleHook, Member, Transition } from "./model.ts";

/** The longest that a hook may hold an instance, however often its heartbeat is renewed: 48 hours, or 100 heartbeats. */
export function globalTimeout(hook: LifecycleHook): number {
  return Math.min(48 * 3_600, 100 * hook.heartbeatTimeout);
}

/** Starts an action for each hook of the transition, and announces each. Returns false if there is none to wait for. */
export function beginActions(engine: Engine, group: Group, member: Member, transition: Transition): boolean {
  const now = engine.context.clock.now();
  member.actions = group.hooks
    .filter((hook) => hook.transition === transition)
    .map((hook) => ({
      token: randomUUID(),
      hook,
      latest: now + globalTimeout(hook) * 1_000,
      deadline: now + hook.heartbeatTimeout * 1_000,
    }));
  for (const action of member.actions) announce(engine, group, member, action);
  return member.actions.length > 0;
}

function announce(engine: Engine, group: Group, member: Member, action: Member["actions"][number]): void {
  const launching = action.hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING";
  engine.context.publish({
    source: "aws.autoscaling",
    detailType: `EC2 Instance-${launching ? "launch" : "terminate"} Lifecycle Action`,
    resources: [group.arn],
    detail: {
      LifecycleActionToken: action.token,
      AutoScalingGroupName: group.name,
      LifecycleHookName: action.hook.name,
      EC2InstanceId: member.instanceId,
      LifecycleTransition: action.hook.transition,
      ...(action.hook.metadata === undefined ? {} : { NotificationMetadata: action.hook.metadata }),
      Origin: launching ? "EC2" : "AutoScalingGroup",
      Destination: launching ? "AutoScalingGroup" : "EC2",
    },
  });
}
