import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AssumeRoleCommand, type STSClient } from "@aws-sdk/client-sts";
import type { Identity } from "../../domain/cluster/naming.ts";
import { workloadPolicy } from "../../domain/permissions/workloads.ts";
import { bind } from "../../runtime/bind.ts";
import { clientSettings } from "../common/aws-client.ts";
import { call, present } from "../common/aws-errors.ts";
import { deleteInterface, deleteSecurityGroup, deleteVolume, revokeReferences } from "../ec2/removal.ts";
import { deleteBalancing } from "../load-balancing/removal.ts";

/** Calls that may remove what Kubernetes made for this cluster, for a quarter of an hour, and nothing else. */
export async function openWorkloads(sts: STSClient, RoleArn: string, cluster: Identity) {
  const { Credentials } = await call(
    sts.send(
      new AssumeRoleCommand({
        RoleArn,
        RoleSessionName: "delete-workloads",
        DurationSeconds: 900,
        Policy: JSON.stringify(workloadPolicy(cluster)),
      }),
    ),
  );
  const keys = present(Credentials, "credentials");
  const credentials = {
    accessKeyId: present(keys.AccessKeyId, "an access key"),
    secretAccessKey: present(keys.SecretAccessKey, "a secret key"),
    sessionToken: present(keys.SessionToken, "a session token"),
  };
  return {
    ...bind(new EC2Client({ ...clientSettings, credentials }), {
      deleteInterface,
      deleteSecurityGroup,
      deleteVolume,
      revokeReferences,
    }),
    ...bind(new ElasticLoadBalancingV2Client({ ...clientSettings, credentials }), { deleteBalancing }),
  };
}

export type WorkloadRemoval = Awaited<ReturnType<typeof openWorkloads>>;
