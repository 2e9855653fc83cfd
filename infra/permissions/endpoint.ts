import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { arn } from "./arn.ts";
import { TAGGED_AS_OURS, TAGS_THAT_WERE_LOST } from "./conditions.ts";

const BALANCERS = ["loadbalancer/net/hf-*", "targetgroup/hf-*"];

function arns(types: readonly string[]): string[] {
  return types.map((type) => arn("elasticloadbalancing", type));
}

/** To act on balancers, target groups and listeners with names that only we give. */
export function loadBalancing(actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: arns([...BALANCERS, "listener/net/hf-*"]) });
}

export function deleteLoadBalancing(): PolicyStatement {
  return new PolicyStatement({
    actions: ["elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup"],
    resources: arns(BALANCERS),
    conditions: TAGGED_AS_OURS,
  });
}

/** To put our own keys back on balancers and target groups that have lost their owner's tag. */
export function restoreBalancerTags(): PolicyStatement {
  return new PolicyStatement({
    actions: ["elasticloadbalancing:AddTags"],
    resources: arns(BALANCERS),
    conditions: TAGS_THAT_WERE_LOST,
  });
}

export function hostedZones(): string {
  return arn("route53", "hostedzone/*", { region: "", account: "" });
}

/** Only a cluster's API name, only as an address: never a zone's other records. */
export function changeHostedZones(): PolicyStatement {
  return new PolicyStatement({
    actions: ["route53:ChangeResourceRecordSets"],
    resources: [hostedZones()],
    conditions: {
      "ForAllValues:StringLike": { "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["api.*"] },
      "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["A"] },
    },
  });
}

export function readHostedZones(): PolicyStatement {
  return new PolicyStatement({ actions: ["route53:ListResourceRecordSets"], resources: [hostedZones()] });
}
