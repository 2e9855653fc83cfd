import { DescribeInstancesCommand, DescribeSecurityGroupsCommand, EC2Client, type Instance } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { expect } from "vitest";
import { decide } from "../../local/iam/authorization/decide.ts";
import type { PolicyRequest } from "../../local/iam/evaluate.ts";
import type { Scenario } from "./scenario.ts";

/** What services answer to a call that IAM denies. */
export const DENIED = {
  name: expect.stringMatching(/^(UnauthorizedOperation|AccessDenied|AccessDeniedException)$/),
};

export function tag(Key: string, Value: string) {
  return { Key, Value };
}

/** The tag by which Kubernetes' controllers know what is a cluster's. */
export function kubernetes(cluster: string) {
  return tag(`kubernetes.io/cluster/${cluster}`, "owned");
}

export function byTags(...tags: [string, string][]) {
  return tags.map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
}

export function uidOf(instance: Instance): string {
  return instance.Tags?.find(({ Key }) => Key === "holdfast:uid")?.Value ?? "";
}

export function interfaceOf(instance: Instance): string {
  return instance.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "";
}

/** What somebody can do who has a host, or the keys of a role of the stack. */
export function attackerIn(scenario: Scenario) {
  const { cloud } = scenario;
  const clientOf = (roleArn: string, session: string) => ({
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: cloud.context.credentials.assumeRole(roleArn, session),
  });
  /** The running instance `master-a` or `node` of a cluster. */
  const instanceOf = async (cluster: string, resource: string): Promise<Instance> => {
    const { Reservations = [] } = await scenario.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          ...byTags(["holdfast:cluster", cluster], ["holdfast:resource", resource]),
          { Name: "instance-state-name", Values: ["running"] },
        ],
      }),
    );
    const [instance] = Reservations.flatMap(({ Instances = [] }) => Instances);
    if (!instance) throw new Error(`${cluster} has no ${resource}`);
    return instance;
  };
  return {
    clientOf,
    instanceOf,
    /** A host as its own programs see it: its instance, and clients with the keys of its metadata service. */
    hostOf: async (cluster: string, resource: string) => {
      const instance = await instanceOf(cluster, resource);
      const { InstanceId: id = "", IamInstanceProfile } = instance;
      const roleArn = cloud.services.iam.instanceRole(IamInstanceProfile?.Arn ?? "")?.roleArn ?? "";
      const settings = clientOf(roleArn, id);
      return {
        instance,
        id,
        interfaceId: interfaceOf(instance),
        roleArn,
        ec2: new EC2Client(settings),
        elb: new ElasticLoadBalancingV2Client(settings),
        ssm: new SSMClient(settings),
      };
    },
    groupOf: async (cluster: string, kind: string): Promise<string> => {
      const Filters = byTags(["holdfast:cluster", cluster], ["holdfast:resource", `security-group/${kind}`]);
      const { SecurityGroups = [] } = await scenario.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      return SecurityGroups[0]?.GroupId ?? "";
    },
    /** The ARN of one of the stack's roles, by the beginning of its name. */
    roleOf: (part: string): string => {
      const roles = Object.values(cloud.services.iam.snapshot().roles);
      const found = roles.find(({ name }) => name.startsWith(`Holdfast-${part}Role`));
      if (!found) throw new Error(`the stack has no role of ${part}`);
      return found.arn;
    },
    arn: (service: string, resource: string): string =>
      `arn:aws:${service}:${cloud.context.region}:${cloud.context.accountId}:${resource}`,
    /** What IAM says to a request that the local cloud has no operation for. */
    decisionOn: (principal: { roleArn: string; sessionPolicy?: string }, request: PolicyRequest): string =>
      decide(cloud.services.iam, principal, request).decision,
  };
}
