import * as z from "zod";
import { AwsError } from "../../wire/contract.ts";
import { ec2Client, failingHosts, type MachineServices, requireRunning } from "../ec2-access.ts";
import { duration, type FaultControl, type Started } from "../fault.ts";

/** A fault of one instance or of the host behind it. */
export const hostFault = z.strictObject({
  kind: z.literal("host"),
  action: z.enum([
    "terminate",
    "stop",
    "reboot",
    "power-off",
    "kill",
    "crash",
    "impair",
    "freeze",
    "thaw",
    "freeze-etcd",
    "thaw-etcd",
    "kill-etcd",
    "partition",
    "heal",
  ]),
  instanceId: z.string(),
  /**
   * With `partition`: only what the host sends to these addresses is lost; the other direction, and all else, is
   * healthy.
   */
  to: z.array(z.ipv4()).min(1).optional(),
  ...duration,
});
export type HostFault = z.infer<typeof hostFault>;

/** The action that ends another. */
export const ENDS: Readonly<Partial<Record<HostFault["action"], HostFault["action"]>>> = {
  thaw: "freeze",
  "thaw-etcd": "freeze-etcd",
  heal: "partition",
};

/** EC2 checks each minute and believes the second failure; here it does not take so long. */
const STATUS_CHECK_MS = 1_000;

export async function startHostFault(
  { action, instanceId, to }: HostFault,
  control: FaultControl,
  services: MachineServices,
): Started {
  const ec2 = ec2Client(services);
  const instance = { InstanceIds: [instanceId] };
  if (to !== undefined && action !== "partition")
    throw new AwsError("ValidationError", "Only a partition has a direction.");
  control.note(`${action} ${instanceId}${to === undefined ? "" : ` to ${to.join(", ")}`}`);
  switch (action) {
    case "terminate":
      await ec2.terminateInstances(instance);
      return undefined;
    case "stop":
      await ec2.stopInstances(instance);
      return undefined;
    case "reboot":
      await ec2.rebootInstances(instance);
      return undefined;
    case "impair":
      services.ec2.setImpaired(instanceId, true);
      return () => ifItExists(() => services.ec2.setImpaired(instanceId, false));
  }
  await requireRunning(services, instanceId);
  switch (action) {
    case "power-off":
      await services.hosts.shutdown(instanceId, "graceful");
      services.ec2.hostDied(instanceId);
      return undefined;
    case "kill":
    case "crash":
      return await die(instanceId, services, control);
    default:
      return to === undefined ? await disturb(action, instanceId, services) : await block(instanceId, to, services);
  }
}

/** Nothing runs on the host any more. EC2 sees only that its status check fails, after a while. */
async function die(
  instanceId: string,
  { hosts, ec2, context }: MachineServices,
  control: FaultControl,
): Promise<undefined> {
  await hosts.shutdown(instanceId, "power-off");
  void context.clock.sleep(STATUS_CHECK_MS).then(() =>
    ifItExists(() => {
      ec2.setImpaired(instanceId, true);
      control.note(`the status check of ${instanceId} fails`);
    }),
  );
  return undefined;
}

/** A partition on one side only. */
async function block(instanceId: string, to: readonly string[], services: MachineServices): Started {
  const hosts = failingHosts(services.hosts);
  await hosts.setBlocked(instanceId, to, true);
  return () => ifItRuns(hosts.setBlocked(instanceId, to, false));
}

/** What only isolated hosts can show. */
async function disturb(
  action: Exclude<HostFault["action"], "terminate" | "stop" | "reboot" | "impair" | "power-off" | "kill" | "crash">,
  instanceId: string,
  services: MachineServices,
): Started {
  const hosts = failingHosts(services.hosts);
  const etcd = async (signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<void> => {
    const processes = await hosts.signalProgram(instanceId, "etcd", signal);
    if (processes === 0) throw new AwsError("NoSuchProcess", `No etcd runs on ${instanceId}.`);
  };
  switch (action) {
    case "freeze":
      await hosts.setFrozen(instanceId, true);
      return () => ifItRuns(hosts.setFrozen(instanceId, false));
    case "thaw":
      await hosts.setFrozen(instanceId, false);
      return undefined;
    case "partition":
      await hosts.setLink(instanceId, false);
      return () => ifItRuns(hosts.setLink(instanceId, true));
    case "heal":
      await hosts.setLink(instanceId, true);
      return undefined;
    case "freeze-etcd":
      await etcd("SIGSTOP");
      return () => ifItRuns(etcd("SIGCONT"));
    case "thaw-etcd":
      await etcd("SIGCONT");
      return undefined;
    case "kill-etcd":
      await etcd("SIGKILL");
      return undefined;
  }
}

/** The instance may have been replaced while the fault lasted; then there is nothing to end. */
async function ifItRuns(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined);
}

function ifItExists(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}
