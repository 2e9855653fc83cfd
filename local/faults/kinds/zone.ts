import * as z from "zod";
import { ec2Client, failingHosts, type MachineServices } from "../ec2-access.ts";
import { duration, type FaultControl, type Started } from "../fault.ts";

/**
 * The outage of a zone. `power` is what AWS's own experiment does (FIS, scenario "AZ Availability: Power
 * Interruption"): instances stop, and launches find no capacity. `network` cuts its hosts off, and their status checks
 * fail.
 */
export const zoneFault = z.strictObject({
  kind: z.literal("zone"),
  action: z.enum(["power", "network"]).default("power"),
  zone: z.string(),
  ...duration,
});
export type ZoneFault = z.infer<typeof zoneFault>;

export async function startZoneFault(
  { action, zone }: ZoneFault,
  control: FaultControl,
  services: MachineServices,
): Started {
  const { ec2 } = services;
  const hosts = action === "network" ? failingHosts(services.hosts) : undefined;
  ec2.setCapacity({ zone }, false);
  const instances = await instancesIn(zone, services);
  control.note(`${action} fails in ${zone}: ${instances.join(", ") || "no instances"}`);
  if (!hosts) {
    for (const instanceId of instances) ec2.powerLost(instanceId);
    return () => ec2.setCapacity({ zone }, true);
  }
  const setReachable = async (instanceId: string, reachable: boolean): Promise<void> => {
    // An instance may go away at any time; then there is nothing to cut or to fix.
    await hosts.setLink(instanceId, reachable).catch(() => undefined);
    const stillThere = await instancesIn(zone, services);
    if (stillThere.includes(instanceId)) ec2.setImpaired(instanceId, !reachable);
  };
  await Promise.all(instances.map((instanceId) => setReachable(instanceId, false)));
  return async () => {
    ec2.setCapacity({ zone }, true);
    await Promise.all(instances.map((instanceId) => setReachable(instanceId, true)));
  };
}

async function instancesIn(zone: string, services: MachineServices): Promise<string[]> {
  const { Reservations = [] } = await ec2Client(services).describeInstances({
    Filters: [
      { Name: "availability-zone", Values: [zone] },
      { Name: "instance-state-name", Values: ["pending", "running"] },
    ],
  });
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId));
}
