import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { TAG } from "../../functions/domain/cluster/naming.ts";
import { arn } from "./arn.ts";
import { TAGGED_AS_OURS, TAGGED_IN_REQUEST, TAGS_THAT_WERE_LOST } from "./conditions.ts";

function arns(types: readonly string[]): string[] {
  return types.map((type) => arn("ec2", `${type}/*`));
}

/** Snapshots have no account in their ARN (Service Authorization Reference, EC2). */
function snapshots(): string {
  return arn("ec2", "snapshot/*", { account: "" });
}

/** EC2, Auto Scaling and ELB know no narrower resource for Describe than everything. */
export function describe(...actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: ["*"] });
}

/** To create EC2 resources of these types, tagged as ours in the same call. */
export function createEc2(actions: string[], types: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: arns(types), conditions: TAGGED_IN_REQUEST });
}

export function createSnapshots(): PolicyStatement {
  return new PolicyStatement({
    actions: ["ec2:CreateSnapshot"],
    resources: [snapshots()],
    conditions: TAGGED_IN_REQUEST,
  });
}

/** To tag, but only within one of these creating calls. */
export function tagOnCreate(...creating: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["ec2:CreateTags"],
    resources: [arn("ec2", "*/*"), ...(creating.includes("CreateSnapshot") ? [snapshots()] : [])],
    conditions: { StringEquals: { "ec2:CreateAction": creating } },
  });
}

/** To use or change EC2 resources that are ours. */
export function changeEc2(actions: string[], types: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: arns(types), conditions: TAGGED_AS_OURS });
}

/** To end hosts of drills, which alone carry the time at which they must be gone. */
export function endDrills(): PolicyStatement {
  return new PolicyStatement({
    actions: ["ec2:TerminateInstances"],
    resources: arns(["instance"]),
    conditions: { Null: { ...TAGGED_AS_OURS.Null, [`aws:ResourceTag/${TAG.expires}`]: "false" } },
  });
}

/** To put one tag, and no other, on volumes that are ours. */
export function tagVolumes(key: string): PolicyStatement {
  return new PolicyStatement({
    actions: ["ec2:CreateTags"],
    resources: arns(["volume"]),
    conditions: { ...TAGGED_AS_OURS, "ForAllValues:StringEquals": { "aws:TagKeys": [key] } },
  });
}

/** To put our own keys back on what has lost its owner's tag. */
export function restoreTags(types: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["ec2:CreateTags"],
    resources: arns(types),
    conditions: TAGS_THAT_WERE_LOST,
  });
}

/** Security groups that users bring are not ours and carry no tag of ours: they are used and associated, never changed. */
export function useForeignSecurityGroups(...actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: arns(["security-group"]) });
}

/** To let users' security groups into a VPC of ours. */
export function associateSecurityGroups(): PolicyStatement[] {
  return [
    describe("ec2:DescribeSecurityGroupVpcAssociations"),
    useForeignSecurityGroups("ec2:AssociateSecurityGroupVpc"),
    changeEc2(["ec2:AssociateSecurityGroupVpc"], ["vpc"]),
  ];
}

/** What a change of size or groups needs, on launch templates and interfaces that are ours. */
export function changeLaunchTemplates(): PolicyStatement[] {
  return [
    changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
    changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
  ];
}
