import type * as autoscaling from "@aws-sdk/client-auto-scaling";
import { required } from "../context/input.ts";
import type { Handlers } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import { concludeAction } from "./lifecycle.ts";
import { getGroup, validationError } from "./lookup.ts";
import type { ActionResult, Group, LifecycleAction, LifecycleHook, Member, Transition } from "./model.ts";
import { viewHook } from "./views.ts";

const LIFECYCLE_TRANSITIONS = ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"] as const;
const DEFAULT_HEARTBEAT_SECONDS = 3_600;
const HOOKS_A_GROUP = 50;

export function hookHandlers(engine: Engine): Handlers<typeof autoscaling> {
  const groupOf = (input: { AutoScalingGroupName: string | undefined }) =>
    getGroup(engine.state, required(input.AutoScalingGroupName, "AutoScalingGroupName"));
  return {
    PutLifecycleHook: (input) => {
      const group = groupOf(input);
      const existing = group.hooks.find(({ name }) => name === input.LifecycleHookName);
      const hook = toHook(input, existing);
      if (!existing && group.hooks.length >= HOOKS_A_GROUP) {
        throw validationError(`A maximum of ${HOOKS_A_GROUP} lifecycle hooks per Auto Scaling group is allowed.`);
      }
      group.hooks = [...group.hooks.filter((other) => other !== existing), hook];
      return {};
    },
    DescribeLifecycleHooks: (input) => {
      const group = groupOf(input);
      const names = input.LifecycleHookNames ?? [];
      const wanted = group.hooks.filter(({ name }) => names.length === 0 || names.includes(name));
      return { LifecycleHooks: wanted.map((hook) => viewHook(group, hook)) };
    },
    DeleteLifecycleHook: (input) => {
      const group = groupOf(input);
      const hook = group.hooks.find(({ name }) => name === input.LifecycleHookName);
      if (!hook) throw validationError(`No Lifecycle Hook found with name: ${input.LifecycleHookName}`);
      group.hooks = group.hooks.filter((other) => other !== hook);
      // Actions that wait on a deleted hook are ended: launching ones abandoned, terminating ones continued (API
      // reference).
      const result = hook.transition.endsWith("LAUNCHING") ? "ABANDON" : "CONTINUE";
      for (const { member, action } of actionsOf(group, hook.name))
        concludeAction(engine, group, member, action, result);
      return {};
    },
    CompleteLifecycleAction: (input) => {
      const group = groupOf(input);
      const result = toResult(required(input.LifecycleActionResult, "LifecycleActionResult"));
      const { member, action } = activeAction(group, input);
      concludeAction(engine, group, member, action, result);
      return {};
    },
    RecordLifecycleActionHeartbeat: (input) => {
      const group = groupOf(input);
      const { action } = activeAction(group, input);
      action.deadline = engine.context.clock.now() + action.hook.heartbeatTimeout * 1_000;
      engine.wake(group);
      return {};
    },
  };
}

function actionsOf(group: Group, hookName: string): { member: Member; action: LifecycleAction }[] {
  return group.members.flatMap((member) =>
    member.actions.filter(({ hook }) => hook.name === hookName).map((action) => ({ member, action })),
  );
}

/** The waiting action that a caller means, by token or by instance. Nothing is left of an action that was completed. */
function activeAction(
  group: Group,
  input: {
    LifecycleHookName?: string | undefined;
    LifecycleActionToken?: string | undefined;
    InstanceId?: string | undefined;
  },
): { member: Member; action: LifecycleAction } {
  const { LifecycleActionToken: token, InstanceId: instanceId } = input;
  if (token === undefined && instanceId === undefined) {
    throw validationError("Either LifecycleActionToken or InstanceId must be specified.");
  }
  const hookName = required(input.LifecycleHookName, "LifecycleHookName");
  const found = actionsOf(group, hookName).find(({ member, action }) =>
    token === undefined ? member.instanceId === instanceId : action.token === token,
  );
  if (found) return found;
  throw validationError(
    token === undefined
      ? `No active Lifecycle Action found with instance ID ${instanceId}`
      : `No active Lifecycle Action found with token ${token}`,
  );
}

/**
 * A hook as it was asked for; what is left out keeps the value of the `existing` one.
 * @throws AwsError `ValidationError` for an unknown transition or result, or a heartbeat outside 30–7,200 s.
 */
export function toHook(
  input: autoscaling.LifecycleHookSpecification | autoscaling.PutLifecycleHookType,
  existing: LifecycleHook | undefined,
): LifecycleHook {
  const heartbeatTimeout = input.HeartbeatTimeout ?? existing?.heartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS;
  if (heartbeatTimeout < 30 || heartbeatTimeout > 7_200) {
    throw validationError("HeartbeatTimeout must be between 30 and 7200 seconds.");
  }
  const metadata = input.NotificationMetadata ?? existing?.metadata;
  const notificationTarget = input.NotificationTargetARN ?? existing?.notificationTarget;
  const role = input.RoleARN ?? existing?.role;
  return {
    name: required(input.LifecycleHookName, "LifecycleHookName"),
    transition: toTransition(input.LifecycleTransition ?? existing?.transition),
    heartbeatTimeout,
    defaultResult: toResult(input.DefaultResult ?? existing?.defaultResult ?? "ABANDON"),
    ...(metadata === undefined ? {} : { metadata }),
    ...(notificationTarget === undefined ? {} : { notificationTarget }),
    ...(role === undefined ? {} : { role }),
  };
}

function toTransition(value: string | undefined): Transition {
  const found = LIFECYCLE_TRANSITIONS.find((transition) => transition === value);
  if (!found)
    throw validationError(`Invalid Lifecycle Transition: ${value}. Valid: ${LIFECYCLE_TRANSITIONS.join(", ")}`);
  return found;
}

function toResult(value: string): ActionResult {
  if (value === "CONTINUE" || value === "ABANDON") return value;
  throw validationError(`Invalid Lifecycle Action Result: ${value}. Valid: CONTINUE, ABANDON`);
}
