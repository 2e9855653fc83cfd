import { setTimeout as delay } from "node:timers/promises";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  type Instance,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { LocalCloud } from "../local/cloud.ts";

const NAME = "bench-launch";
const BOOTED = "bench: user data runs";
const POLL_MS = 50;
const LIMIT_MS = 60_000;

/**
 * The local cloud's launch time: milliseconds from `TerminateInstances` until the group's next instance runs its user data, of a
 * host that has nothing else to do. No member can be restored sooner than that, and etcd has to start then. The instances are
 * like this one, beside which they run.
 */
export async function measureLaunch({ endpoints }: LocalCloud, like: string): Promise<number> {
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const client = { endpoint: endpoints.aws, region: endpoints.region, credentials };
  const [ec2, autoScaling] = [new EC2Client(client), new AutoScalingClient(client)];
  const { ImageId, InstanceType, SubnetId = "" } = await instance(ec2, like);
  const UserData = Buffer.from(`#!/bin/bash\necho "${BOOTED}"\n`).toString("base64");
  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: NAME,
      LaunchTemplateData: { ImageId, InstanceType, UserData },
    }),
  );
  const size = { MinSize: 1, MaxSize: 1, VPCZoneIdentifier: SubnetId };
  const LaunchTemplate = { LaunchTemplateName: NAME, Version: "$Latest" };
  await autoScaling.send(new CreateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, LaunchTemplate, ...size }));
  const booted = async (former?: string): Promise<string> => {
    const group = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] });
    for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await delay(POLL_MS)) {
      const { AutoScalingGroups = [] } = await autoScaling.send(group);
      const [id] = (AutoScalingGroups[0]?.Instances ?? []).flatMap(({ InstanceId = "" }) =>
        InstanceId === former ? [] : [InstanceId],
      );
      if (id !== undefined && (await consoleOf(ec2, id)).includes(BOOTED)) return id;
    }
    throw new Error(`no instance of a plain group ran its user data within ${LIMIT_MS} ms`);
  };
  const first = await booted();
  const since = Date.now();
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [first] }));
  await booted(first);
  const took = Date.now() - since;
  await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete: true }));
  return took;
}

async function instance(ec2: EC2Client, id: string): Promise<Instance> {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const found = Reservations[0]?.Instances?.[0];
  if (!found) throw new Error(`there is no instance ${id}`);
  return found;
}

async function consoleOf(ec2: EC2Client, InstanceId: string): Promise<string> {
  const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest: true }));
  return Buffer.from(Output, "base64").toString("utf8");
}
