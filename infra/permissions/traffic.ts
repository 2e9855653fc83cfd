import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { arn } from "./arn.ts";
import { describe } from "./ec2.ts";
import { hostedZones, readHostedZones } from "./endpoint.ts";

function healthChecks(): string {
  return arn("route53", "healthcheck/*", { region: "", account: "" });
}

/** To delete records and health checks of fleets' public names: addresses only, never a zone's other records. */
export function removeTraffic(): PolicyStatement[] {
  return [
    readHostedZones(),
    new PolicyStatement({
      actions: ["route53:ChangeResourceRecordSets"],
      resources: [hostedZones()],
      conditions: {
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["A", "CNAME"] },
      },
    }),
    new PolicyStatement({
      actions: ["route53:ListTagsForResource", "route53:ChangeTagsForResource", "route53:DeleteHealthCheck"],
      resources: [healthChecks()],
    }),
    describe("route53:CreateHealthCheck"),
  ];
}

/** To give fleets their public names, which lead to the load balancers of services. */
export function manageTraffic(): PolicyStatement[] {
  return [
    ...removeTraffic(),
    new PolicyStatement({ actions: ["route53:GetHealthCheckStatus"], resources: [healthChecks()] }),
    describe(
      "route53:ListHostedZones",
      "elasticloadbalancing:DescribeLoadBalancers",
      "elasticloadbalancing:DescribeTags",
    ),
  ];
}
