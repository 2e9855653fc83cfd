import { expect, test } from "vitest";
import { createEc2 } from "../ec2/create-ec2.ts";
import { createSsm } from "../ssm/ssm.ts";
import { errorOf } from "../testing/account.ts";
import { fakeHosts } from "../testing/fake-hosts.ts";
import { client, recordingContext } from "../testing/service-context.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createAutoScaling } from "./autoscaling.ts";

const IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

/** The emulated EC2 itself instead of a fake: that the two agree on requests, states and errors. */
function createStage(options: { zonesNeedDefaultVpc?: boolean; defaultVpc?: boolean; profiles?: () => string[] } = {}) {
  const { profiles = () => [], defaultVpc = true, ...groups } = options;
  const clock = new VirtualClock();
  const context = recordingContext(clock);
  const hosts = fakeHosts();
  const instanceRoles = (name: string) =>
    profiles().includes(name)
      ? { roleName: name, roleArn: `arn:role/${name}`, profileName: name, profileArn: `arn:profile/${name}` }
      : undefined;
  const ec2 = createEc2(context, { hosts, instanceRoles, defaultVpc });
  const autoscaling = createAutoScaling(context, { ec2, ...groups });
  const ssm = createSsm(context, { hosts, ec2 });
  return { clock, context, ec2: client(ec2.handlers), aws: client(autoscaling.handlers), ssm: client(ssm.handlers) };
}

test("the replacement of a dead master waits for its interface and takes it over", async () => {
  const { clock, ec2, aws, ssm, context } = createStage();
  const vpc = (await ec2("CreateVpc", { CidrBlock: "10.1.0.0/16" })).Vpc?.VpcId;
  await clock.advance(2_000);
  const zone = { VpcId: vpc, CidrBlock: "10.1.0.0/24", AvailabilityZone: "us-west-2a" };
  const subnet = (await ec2("CreateSubnet", zone)).Subnet?.SubnetId;
  await clock.advance(2_000);
  const made = await ec2("CreateNetworkInterface", { SubnetId: subnet });
  const eni = made.NetworkInterface?.NetworkInterfaceId;
  const image = (await ssm("GetParameter", { Name: IMAGE })).Parameter?.Value;
  await ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "member-a",
    LaunchTemplateData: {
      ImageId: image,
      InstanceType: "t4g.medium",
      NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: eni, DeleteOnTermination: false }],
    },
  });
  await clock.advance(2_000);
  await aws("CreateAutoScalingGroup", {
    AutoScalingGroupName: "member-a",
    MinSize: 1,
    MaxSize: 1,
    AvailabilityZones: ["us-west-2a"],
    LaunchTemplate: { LaunchTemplateName: "member-a", Version: "$Latest" },
  });
  const members = async () =>
    (await aws("DescribeAutoScalingGroups", {})).AutoScalingGroups?.[0]?.Instances?.map((each) => ({
      id: each.InstanceId,
      state: each.LifecycleState,
    })) ?? [];
  await clock.advance(30_000);
  const [first] = await members();
  expect({ state: first?.state, log: context.lines }).toEqual({ state: "InService", log: [] });

  await ec2("TerminateInstances", { InstanceIds: [first?.id ?? ""] });
  await clock.advance(60_000);

  const [second, ...more] = await members();
  expect({ state: second?.state, more }).toEqual({ state: "InService", more: [] });
  expect(second?.id).not.toBe(first?.id);
  const found = await ec2("DescribeNetworkInterfaces", { NetworkInterfaceIds: [eni ?? ""] });
  expect(found.NetworkInterfaces?.[0]?.Attachment?.InstanceId).toBe(second?.id);
});

const group = { AutoScalingGroupName: "g", MinSize: 0, MaxSize: 1, AvailabilityZones: ["us-west-2a"] };

test("M1: a group is refused while EC2 does not know its template's instance profile, and taken afterwards", async () => {
  const known: string[] = [];
  const { ec2, aws, ssm } = createStage({ profiles: () => known });
  const ImageId = (await ssm("GetParameter", { Name: IMAGE })).Parameter?.Value;
  await ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "masters",
    LaunchTemplateData: { ImageId, InstanceType: "t4g.medium", IamInstanceProfile: { Name: "masters" } },
  });
  const create = () => aws("CreateAutoScalingGroup", { ...group, LaunchTemplate: { LaunchTemplateName: "masters" } });

  const refused = await errorOf(create());
  known.push("masters");

  expect(refused).toEqual({
    code: "ValidationError",
    message:
      "You must use a valid fully-formed launch template. Value (masters) for parameter iamInstanceProfile.name is invalid. " +
      "Invalid IAM Instance Profile name",
  });
  await create();
  expect((await aws("DescribeAutoScalingGroups", {})).AutoScalingGroups).toMatchObject([{ DesiredCapacity: 0 }]);
});

test("a group is refused whose template's root volume is smaller than the image's snapshot", async () => {
  const { ec2, aws, ssm } = createStage();
  const ImageId = (await ssm("GetParameter", { Name: IMAGE })).Parameter?.Value;
  const BlockDeviceMappings = [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 4 } }];
  await ec2("CreateLaunchTemplate", {
    LaunchTemplateName: "small",
    LaunchTemplateData: { ImageId, InstanceType: "t4g.medium", BlockDeviceMappings },
  });

  expect(
    await errorOf(aws("CreateAutoScalingGroup", { ...group, LaunchTemplate: { LaunchTemplateName: "small" } })),
  ).toEqual({
    code: "ValidationError",
    message: expect.stringMatching(
      /^You must use a valid fully-formed launch template\. Volume of size 4GB is smaller than snapshot '\S+', expect size >= 8GB$/,
    ),
  });
});

test("M3: with the switch a group of zones alone is refused where there is no default VPC", async () => {
  const refusal = { code: "ValidationError", message: "No default subnet for availability zone: 'us-west-2a'." };
  const template = { ...group, LaunchTemplate: { LaunchTemplateId: "lt-00000000000000000" } };
  const without = createStage({ zonesNeedDefaultVpc: true, defaultVpc: false });
  const within = createStage({ zonesNeedDefaultVpc: true, defaultVpc: true });

  expect(await errorOf(without.aws("CreateAutoScalingGroup", template))).toEqual(refusal);
  expect(await errorOf(within.aws("CreateAutoScalingGroup", template))).not.toEqual(refusal);
});
