import { AttachVolumeCommand, DescribeVolumesCommand, DetachVolumeCommand } from "@aws-sdk/client-ec2";
import { eventually, type Scenario } from "./scenario.ts";

async function stateOf({ ec2 }: Scenario, volumeId: string): Promise<string | undefined> {
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
  return Volumes[0]?.State;
}

/** `aws ec2 detach-volume --force`, while its instance runs; resolves when EC2 says that it is free. */
export async function pullVolume(scenario: Scenario, volumeId: string | null): Promise<void> {
  const VolumeId = volumeId ?? "";
  await scenario.ec2.send(new DetachVolumeCommand({ VolumeId, Force: true }));
  await eventually(
    () => stateOf(scenario, VolumeId),
    (state) => state === "available",
    60_000,
  );
}

/** Gives a free volume to an instance, as a person would. */
export async function giveVolume(scenario: Scenario, volumeId: string | null, instanceId: string): Promise<void> {
  await scenario.ec2.send(
    new AttachVolumeCommand({ VolumeId: volumeId ?? "", InstanceId: instanceId, Device: "/dev/sdh" }),
  );
}
