import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { arn } from "./arn.ts";
import { TAGGED_AS_OURS } from "./conditions.ts";

/** Roles that Holdfast makes for instances. */
export function clusterRoles(): string {
  return arn("iam", "role/holdfast/*", { region: "" });
}

export function clusterProfiles(): string {
  return arn("iam", "instance-profile/holdfast/*", { region: "" });
}

/** To give clusters' roles to instances, and to nothing else. */
export function passRoles(): PolicyStatement {
  return new PolicyStatement({
    actions: ["iam:PassRole"],
    resources: [clusterRoles()],
    conditions: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  });
}

/** In an account that never used the service, its first call makes the service's own role, with the caller's permissions. */
export function serviceLinkedRole(service: string, role: string): PolicyStatement {
  return new PolicyStatement({
    actions: ["iam:CreateServiceLinkedRole"],
    resources: [arn("iam", `role/aws-service-role/${service}/${role}`, { region: "" })],
    conditions: { StringEquals: { "iam:AWSServiceName": service } },
  });
}

/** To make instances' roles, only with the boundary, and their profiles. */
export function createIdentity(boundaryArn: string): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ["iam:CreateRole", "iam:PutRolePolicy"],
      resources: [clusterRoles()],
      conditions: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
    }),
    new PolicyStatement({ actions: ["iam:TagRole", "iam:GetRole"], resources: [clusterRoles()] }),
    passRoles(),
    new PolicyStatement({
      actions: [
        "iam:CreateInstanceProfile",
        "iam:TagInstanceProfile",
        "iam:AddRoleToInstanceProfile",
        "iam:GetInstanceProfile",
      ],
      resources: [clusterProfiles()],
    }),
  ];
}

export function readIdentity(): PolicyStatement {
  return new PolicyStatement({
    actions: ["iam:GetRole", "iam:GetInstanceProfile"],
    resources: [clusterRoles(), clusterProfiles()],
  });
}

/** To read which policies a cluster's roles have. */
export function readRolePolicies(): PolicyStatement {
  return new PolicyStatement({
    actions: ["iam:ListAttachedRolePolicies", "iam:GetRolePolicy"],
    resources: [clusterRoles()],
  });
}

/** To delete instance roles and profiles that are ours, by path and by tag. */
export function deleteIdentity(): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: [
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:DetachRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
      ],
      resources: [clusterRoles()],
      conditions: TAGGED_AS_OURS,
    }),
    new PolicyStatement({
      actions: ["iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
      resources: [clusterProfiles()],
      conditions: TAGGED_AS_OURS,
    }),
  ];
}
