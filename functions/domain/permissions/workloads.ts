import { type Identity, kubernetesTag, WORKLOAD_UID_TAG } from "../cluster/naming.ts";

const REMOVE_VOLUME = "ec2:DeleteVolume";

/** How things that Kubernetes made are removed. */
export const WORKLOAD_DELETIONS = [
  REMOVE_VOLUME,
  "ec2:DeleteNetworkInterface",
  "ec2:DeleteSecurityGroup",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteTargetGroup",
] as const;

/** How rules that name their security groups are removed before. */
export const WORKLOAD_RULES = ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"] as const;

/**
 * Lets a session remove what carries this cluster's tag of Kubernetes, and nothing else; of volumes, only those that carry its
 * uid, too. The tag's *key* holds the cluster's
 * name, and IAM takes no wildcards in keys, so no policy that is written beforehand can say it: the session's own policy does.
 */
export function workloadPolicy({ cluster, uid }: Identity) {
  return {
    Version: "2012-10-17" as const,
    Statement: [
      {
        Effect: "Allow" as const,
        Action: [...WORKLOAD_DELETIONS.filter((action) => action !== REMOVE_VOLUME), ...WORKLOAD_RULES],
        Resource: "*",
        Condition: { StringEquals: { [`aws:ResourceTag/${kubernetesTag(cluster)}`]: "owned" } },
      },
      {
        Effect: "Allow" as const,
        Action: [REMOVE_VOLUME],
        Resource: "*",
        Condition: {
          StringEquals: {
            [`aws:ResourceTag/${kubernetesTag(cluster)}`]: "owned",
            [`aws:ResourceTag/${WORKLOAD_UID_TAG}`]: uid,
          },
        },
      },
    ],
  };
}
