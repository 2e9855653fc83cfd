import { AwsError } from "../wire/contract.ts";
import type { Balancer, ElbState, Listener, TargetGroup } from "./model.ts";

export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

/** @throws AwsError `LoadBalancerNotFoundException`. */
export function getBalancer(state: ElbState, arn: string | undefined): Balancer {
  const balancer = state.balancers[arn ?? ""];
  if (!balancer) throw new AwsError("LoadBalancerNotFoundException", "One or more load balancers not found");
  return balancer;
}

/** @throws AwsError `TargetGroupNotFoundException`. */
export function getTargetGroup(state: ElbState, arn: string | undefined): TargetGroup {
  const group = state.groups[arn ?? ""];
  if (!group) throw new AwsError("TargetGroupNotFoundException", "One or more target groups not found");
  return group;
}

/** @throws AwsError `ListenerNotFoundException`. */
export function getListener(state: ElbState, arn: string | undefined): Listener {
  const listener = state.listeners[arn ?? ""];
  if (!listener) throw new AwsError("ListenerNotFoundException", "One or more listeners not found");
  return listener;
}

/** @throws AwsError `ValidationError` unless the name has 1–32 letters, digits and inner hyphens. */
export function checkName(name: string, what: string): void {
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/.test(name)) {
    throw validationError(
      `The ${what} name '${name}' must have at most 32 letters, digits and hyphens, and not begin or end with a hyphen`,
    );
  }
}

export function toTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined) {
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/**
 * Attributes changed as asked.
 * @throws AwsError `ValidationError` for a key that this kind of resource does not have.
 */
export function changeAttributes(
  current: Record<string, string>,
  changes: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): Record<string, string> {
  const next = toTags(changes);
  const stranger = Object.keys(next).find((key) => !Object.hasOwn(current, key));
  if (stranger) throw validationError(`Attribute key '${stranger}' is not recognized`);
  return { ...current, ...next };
}

export function viewAttributes(attributes: Record<string, string>) {
  return Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
}
