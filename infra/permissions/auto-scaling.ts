import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { arn } from "./arn.ts";
import { TAGGED_AS_OURS, TAGGED_IN_REQUEST, TAGS_THAT_WERE_LOST } from "./conditions.ts";
import { changeEc2, createEc2, describe, tagOnCreate } from "./ec2.ts";
import { passRoles } from "./iam.ts";

function groups(name: string): string {
  return arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${name}`);
}

/** To make groups that are tagged as ours. */
export function createGroups(): PolicyStatement {
  return new PolicyStatement({
    // Tags come with the call and need no permission of their own; one to tag would make foreign groups ours.
    actions: ["autoscaling:CreateAutoScalingGroup"],
    resources: [groups("*")],
    conditions: TAGGED_IN_REQUEST,
  });
}

/** To act on groups that are ours. */
export function changeGroups(...actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: [groups("*")], conditions: TAGGED_AS_OURS });
}

/** To put our own keys back on groups with names like ours that have lost their owner's tag. */
export function restoreGroupTags(): PolicyStatement {
  return new PolicyStatement({
    actions: ["autoscaling:CreateOrUpdateTags"],
    resources: ["*.masters.*", "nodes-*"].map(groups),
    conditions: TAGS_THAT_WERE_LOST,
  });
}

/**
 * Auto Scaling uses a launch template with the permissions of the group's creator. Resources that are `made` with an
 * instance get our tag, those `used` have it, and `foreign` ones (images, users' groups) have none.
 */
export function launchFromTemplates(types: { made: string[]; used: string[]; foreign: string[] }): PolicyStatement[] {
  const arnOf = (type: string) => arn("ec2", `${type}/*`, type === "image" ? { account: "" } : {});
  return [
    createEc2(["ec2:RunInstances"], types.made),
    changeEc2(["ec2:RunInstances"], types.used),
    new PolicyStatement({ actions: ["ec2:RunInstances"], resources: types.foreign.map(arnOf) }),
    tagOnCreate("RunInstances"),
    passRoles(),
  ];
}

function readGroups(): PolicyStatement {
  return describe(
    "ec2:DescribeInstances",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLifecycleHooks",
  );
}

/** To restore masters' groups: their size, suspended processes, hooks that wait for nobody. */
export function restoreGroups(): PolicyStatement[] {
  return [
    readGroups(),
    changeGroups(
      "autoscaling:UpdateAutoScalingGroup",
      "autoscaling:ResumeProcesses",
      "autoscaling:CompleteLifecycleAction",
    ),
  ];
}

/** To end a master's instance: by its group, or by EC2 where it has left its group. */
export function endMaster(): PolicyStatement[] {
  return [
    readGroups(),
    changeGroups(
      "autoscaling:TerminateInstanceInAutoScalingGroup",
      "autoscaling:CompleteLifecycleAction",
      "autoscaling:SuspendProcesses",
    ),
    changeEc2(["ec2:TerminateInstances"], ["instance"]),
  ];
}
