import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { JoiningInstance } from "../../domain/host/joining.ts";
import { call } from "../common/aws-errors.ts";
import { fromTags } from "./client.ts";

/** What EC2 says of one instance; undefined while it does not know it (yet). Asked by filter: an unknown id is no error then. */
export async function findJoiningInstance(ec2: EC2Client, instanceId: string): Promise<JoiningInstance | undefined> {
  const { Reservations = [] } = await call(
    ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "instance-id", Values: [instanceId] }] })),
  );
  const [instance] = Reservations.flatMap(({ Instances = [] }) => Instances);
  if (!instance) return undefined;
  return {
    state: instance.State?.Name ?? "unknown",
    vpcId: instance.VpcId ?? "",
    profileArn: instance.IamInstanceProfile?.Arn ?? "",
    tags: fromTags(instance.Tags),
  };
}
