import { kubernetesTag } from "./naming.ts";

/** What is done to things that Kubernetes made. */
export const WORKLOAD_ACTIONS = [
  "ec2:DeleteVolume",
  "ec2:DeleteNetworkInterface",
  "ec2:DeleteSecurityGroup",
  "ec2:RevokeSecurityGroupIngress",
  "ec2:RevokeSecurityGroupEgress",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteTargetGroup",
] as const;

/**
 * Lets a session remove what carries this cluster's tag of Kubernetes, and nothing else. The tag's *key* holds the cluster's
 * name, and IAM takes no wildcards in keys, so no policy that is written beforehand can say it: the session's own policy does.
 */
export const workloadPolicy = (cluster: string) => ({
  Version: "2012-10-17" as const,
  Statement: [
    {
      Effect: "Allow" as const,
      Action: WORKLOAD_ACTIONS,
      Resource: "*",
      Condition: { StringEquals: { [`aws:ResourceTag/${kubernetesTag(cluster)}`]: "owned" } },
    },
  ],
});
