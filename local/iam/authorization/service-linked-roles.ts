import type { CloudState } from "./cloud-state.ts";
import { type Demand, demand } from "./demand.ts";

/**
 * The first call of some services in an account makes their service-linked role, with the caller's permissions. It is not made
 * again where it is there: because somebody made it by `CreateServiceLinkedRole`, or for what the service has already.
 */
export function serviceLinkedRole(cloud: CloudState, service: keyof typeof NAMES): Demand[] {
  const name = NAMES[service];
  if (cloud.iam().roles[name] || isInUse[service](cloud)) return [];
  const resource = `arn:aws:iam::${cloud.accountId}:role/aws-service-role/${service}/${name}`;
  return [demand("iam:CreateServiceLinkedRole", resource, { "iam:AWSServiceName": service })];
}

const NAMES = {
  "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
  "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
} as const;

const isInUse: Readonly<Record<keyof typeof NAMES, (cloud: CloudState) => boolean>> = {
  "autoscaling.amazonaws.com": (cloud) => Object.keys(cloud.autoScaling().groups).length > 0,
  "elasticloadbalancing.amazonaws.com": (cloud) => Object.keys(cloud.elbV2().balancers).length > 0,
};
