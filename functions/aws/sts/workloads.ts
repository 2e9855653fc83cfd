import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Identity } from "../../domain/cluster/naming.ts";
import { workloadPolicy } from "../../domain/permissions/workloads.ts";
import { clientSettings } from "../common/aws-client.ts";
import { call, present } from "../common/aws-errors.ts";

const sts = new STSClient(clientSettings);

export interface WorkloadClients {
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
}

/** Clients that may remove what Kubernetes made for this cluster, for a quarter of an hour, and nothing else. */
export const openWorkloads = async (RoleArn: string, cluster: Identity): Promise<WorkloadClients> => {
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
    ec2: new EC2Client({ ...clientSettings, credentials }),
    elb: new ElasticLoadBalancingV2Client({ ...clientSettings, credentials }),
  };
};
