import { AwsError } from "../wire/contract.ts";
import type { AutoScalingState, Group, Member } from "./model.ts";

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

/** @throws AwsError `ValidationError`, "AutoScalingGroup name not found". */
export function getGroup(state: AutoScalingState, name: string): Group {
  const group = state.groups[name];
  if (!group) throw validationError(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return group;
}

export function findMember(state: AutoScalingState, instanceId: string): { group: Group; member: Member } | undefined {
  for (const group of Object.values(state.groups)) {
    const member = group.members.find((each) => each.instanceId === instanceId);
    if (member) return { group, member };
  }
  return undefined;
}

/** @throws AwsError `ValidationError` if no group has the instance. */
export function getMember(state: AutoScalingState, instanceId: string): { group: Group; member: Member } {
  const found = findMember(state, instanceId);
  if (!found) {
    throw validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  }
  return found;
}

/** @throws AwsError `ValidationError` if the instance is not in this group. */
export function getMemberOf(group: Group, instanceId: string): Member {
  const member = group.members.find((each) => each.instanceId === instanceId);
  if (!member) throw validationError(`The instance ${instanceId} is not part of Auto Scaling group ${group.name}.`);
  return member;
}
