import { type Identity, kubernetesTag, WORKLOAD_UID_TAG } from "./naming.ts";

const REMOVE_VOLUME = "ec2:DeleteVolume";

/** What is done to things that Kubernetes made. */
export const WORKLOAD_ACTIONS = [
  REMOVE_VOLUME,
  "ec2:DeleteNetworkInterface",
  "ec2:DeleteSecurityGroup",
  "ec2:RevokeSecurityGroupIngress",
  "ec2:RevokeSecurityGroupEgress",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteTargetGroup",
] as const;

/**
 * Lets a session remove what carries this cluster's tag of Kubernetes, and nothing else; of volumes, only those that carry its
 * uid, too. The tag's *key* holds the cluster's
 * name, and IAM takes no wildcards in keys, so no policy that is written beforehand can say it: the session's own policy does.
 */
export const workloadPolicy = ({ cluster, uid }: Identity) => ({
  Version: "2012-10-17" as const,
  Statement: [
    {
      Effect: "Allow" as const,
      Action: WORKLOAD_ACTIONS.filter((action) => action !== REMOVE_VOLUME),
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
});
