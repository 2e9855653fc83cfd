import { DescribeInstancesCommand, DescribeVolumesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { ClientSettings, OperationInput } from "./client-settings.ts";

export function describeVolumes(settings: ClientSettings, input: OperationInput) {
  return new EC2Client(settings).send(new DescribeVolumesCommand(input));
}

export function describeInstances(settings: ClientSettings, input: OperationInput) {
  return new EC2Client(settings).send(new DescribeInstancesCommand(input));
}
