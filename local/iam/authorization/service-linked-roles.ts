import type { CloudState } from "./cloud-state.ts";
import { type Demand, demand } from "./demand.ts";

/**
 * The first call of some services in an account makes their service-linked role, with the caller's rights. A role that is
 * there, because somebody made it by `CreateServiceLinkedRole`, is not made again; the local cloud makes none by itself, so
 * every first call is checked, as in a fresh account.
 */
export function serviceLinkedRole(cloud: CloudState, service: keyof typeof NAMES): Demand[] {
  const name = NAMES[service];
  if (cloud.iam().roles[name]) return [];
  const resource = `arn:aws:iam::${cloud.accountId}:role/aws-service-role/${service}/${name}`;
  return [demand("iam:CreateServiceLinkedRole", resource, { "iam:AWSServiceName": service })];
}

const NAMES = {
  "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
  "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
} as const;
