import type { CloudContext } from "../context/context.ts";
import type { IamState, Role } from "./model.ts";
import { addRole } from "./store.ts";

/** Services whose first call in an account makes their role. */
export type ServiceWithRole = "autoscaling.amazonaws.com" | "elasticloadbalancing.amazonaws.com";

/** Ends of names that do not follow from the service's own. */
const NAMES: Readonly<Record<string, string>> = {
  "autoscaling.amazonaws.com": "AutoScaling",
  "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
  "spot.amazonaws.com": "EC2Spot",
  "ssm.amazonaws.com": "AmazonSSM",
};

/** `AWSServiceRoleForAutoScaling` and its like: the service's name decides the role's. */
export function serviceLinkedRoleName(service: string): string {
  return `AWSServiceRoleFor${NAMES[service] ?? service.split(".")[0]}`;
}

/** @throws AwsError `EntityAlreadyExistsException`. */
export function addServiceLinkedRole(context: CloudContext, state: IamState, service: string): Role {
  return addRole(context, state, {
    name: serviceLinkedRoleName(service),
    path: `/aws-service-role/${service}/`,
    trustPolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    }),
  });
}
