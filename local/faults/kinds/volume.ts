import * as z from "zod";
import { AwsError } from "../../wire/contract.ts";
import { ec2Client, failingHosts, type MachineServices } from "../ec2-access.ts";
import { duration, type FaultControl, type Started } from "../fault.ts";

/** A fault of one EBS volume. */
export const volumeFault = z.strictObject({
  kind: z.literal("volume"),
  action: z.enum(["lose", "error", "corrupt", "stuck-attaching", "stuck-detaching"]),
  volumeId: z.string(),
  /** With `corrupt`: which file of etcd, and how. */
  file: z.enum(["db", "wal"]).default("db"),
  how: z.enum(["flip", "truncate"]).default("flip"),
  seed: z.int().optional(),
  ...duration,
});
export type VolumeFault = z.infer<typeof volumeFault>;

export async function startVolumeFault(
  { action, volumeId, file, how }: VolumeFault,
  control: FaultControl,
  services: MachineServices,
): Started {
  const { ec2 } = services;
  const instanceId = await holderOf(volumeId, services);
  control.note(`${action} ${volumeId}${instanceId === undefined ? "" : ` on ${instanceId}`}`);
  switch (action) {
    case "lose":
      await failingHosts(services.hosts).breakVolume(volumeId, instanceId);
      ec2.loseVolume(volumeId);
      return undefined;
    case "error":
      await failingHosts(services.hosts).breakVolume(volumeId, instanceId);
      ec2.failVolume(volumeId);
      return undefined;
    case "corrupt": {
      const damage = { file, how, random: control.random };
      await failingHosts(services.hosts).corruptVolume(volumeId, instanceId, damage).catch(refuse);
      return undefined;
    }
    case "stuck-attaching":
      return stuck(volumeId, "attaching", services);
    case "stuck-detaching":
      return stuck(volumeId, "detaching", services);
  }
}

function stuck(volumeId: string, state: "attaching" | "detaching", { ec2 }: MachineServices): () => void {
  ec2.setVolumeStuck(volumeId, state, true);
  return () => ec2.setVolumeStuck(volumeId, state, false);
}

/** The instance that the volume is on. @throws AwsError `InvalidVolume.NotFound` */
async function holderOf(volumeId: string, services: MachineServices): Promise<string | undefined> {
  const { Volumes = [] } = await ec2Client(services).describeVolumes({ VolumeIds: [volumeId] });
  return Volumes[0]?.Attachments?.[0]?.InstanceId;
}

function refuse(error: unknown): never {
  throw new AwsError("InvalidFault", error instanceof Error ? error.message : String(error));
}
