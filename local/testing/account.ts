import type * as ec2 from "@aws-sdk/client-ec2";
import { createEc2 } from "../ec2/create-ec2.ts";
import { fakeHosts } from "./fake-hosts.ts";
import { client, recordingContext } from "./service-context.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const amazonLinux = "al2023-ami-*-x86_64";
const role = {
  roleName: "masters",
  roleArn: "arn:aws:iam::111122223333:role/masters",
  profileName: "masters",
  profileArn: "arn:aws:iam::123456789012:instance-profile/masters",
};

/** A fresh account whose time stands still until the test advances the clock. */
export function freshAccount(restored?: unknown) {
  const clock = new VirtualClock();
  const context = recordingContext(clock);
  const hosts = fakeHosts();
  const service = createEc2(
    context,
    { hosts, instanceRoles: (profile) => (profile.endsWith("masters") ? role : undefined) },
    restored,
  );
  return { clock, context, hosts, service, aws: client<typeof ec2>(service.handlers) };
}

export type Account = ReturnType<typeof freshAccount>;

/** Longer than any state of the local timings lasts, and shorter than the hour for which what is gone can be seen. */
export function settle(account: Account): Promise<void> {
  return account.clock.advance(5_000);
}

/** The error that a call ends with, as a user of the SDK would identify it. */
export async function errorOf(call: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("the call did not fail");
  return { code: error.name, message: error.message };
}

/** A VPC 10.0.0.0/16 with one subnet, 10.0.0.0/24 in us-west-2a. */
export async function smallNetwork({ aws }: Account): Promise<{ vpcId: string; subnetId: string }> {
  const { Vpc } = await aws("CreateVpc", { CidrBlock: "10.0.0.0/16" });
  const vpcId = Vpc?.VpcId ?? "";
  const { Subnet } = await aws("CreateSubnet", {
    VpcId: vpcId,
    CidrBlock: "10.0.0.0/24",
    AvailabilityZone: "us-west-2a",
  });
  return { vpcId, subnetId: Subnet?.SubnetId ?? "" };
}

export async function imageId({ aws }: Account): Promise<string> {
  const { Images } = await aws("DescribeImages", {
    Owners: ["amazon"],
    Filters: [{ Name: "name", Values: [amazonLinux] }],
  });
  return Images?.[0]?.ImageId ?? "";
}

/** One t3.medium, still `pending`. */
export async function launch(account: Account, input: Partial<ec2.RunInstancesCommandInput>): Promise<ec2.Instance> {
  const { Instances } = await account.aws("RunInstances", {
    ImageId: await imageId(account),
    InstanceType: "t3.medium",
    MinCount: 1,
    MaxCount: 1,
    ...input,
  });
  return Instances?.[0] ?? {};
}

export async function instance({ aws }: Account, id: string | undefined): Promise<ec2.Instance> {
  const { Reservations } = await aws("DescribeInstances", { InstanceIds: [id ?? ""] });
  return Reservations?.[0]?.Instances?.[0] ?? {};
}

export async function volume({ aws }: Account, id: string | undefined): Promise<ec2.Volume> {
  const { Volumes } = await aws("DescribeVolumes", { VolumeIds: [id ?? ""] });
  return Volumes?.[0] ?? {};
}
