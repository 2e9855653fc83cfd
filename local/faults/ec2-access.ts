import type * as sdk from "@aws-sdk/client-ec2";
import type { CloudContext } from "../context/context.ts";
import { callService } from "../context/service-call.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import type { Ec2Controls } from "../ec2/create-ec2.ts";
import type { HostDriver } from "../hosts/driver.ts";
import { canFail, type HostFaults } from "../hosts/host-faults.ts";
import { AwsError } from "../wire/contract.ts";

/** What faults of machines and disks work on. */
export interface MachineServices {
  readonly context: CloudContext;
  readonly ec2: Ec2Controls & Pick<Ec2Service, "handlers" | "onInstanceState">;
  readonly hosts: HostDriver;
}

/** EC2's public operations, called as the operator. */
export function ec2Client({ context, ec2 }: Pick<MachineServices, "context" | "ec2">) {
  const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
  const caller = { service: "ec2", region: context.region, principal };
  const { handlers } = ec2;
  return {
    describeInstances: (input: sdk.DescribeInstancesCommandInput) =>
      callService<typeof sdk, "DescribeInstances">(handlers, "DescribeInstances", input, caller),
    describeVolumes: (input: sdk.DescribeVolumesCommandInput) =>
      callService<typeof sdk, "DescribeVolumes">(handlers, "DescribeVolumes", input, caller),
    terminateInstances: (input: sdk.TerminateInstancesCommandInput) =>
      callService<typeof sdk, "TerminateInstances">(handlers, "TerminateInstances", input, caller),
    stopInstances: (input: sdk.StopInstancesCommandInput) =>
      callService<typeof sdk, "StopInstances">(handlers, "StopInstances", input, caller),
    rebootInstances: (input: sdk.RebootInstancesCommandInput) =>
      callService<typeof sdk, "RebootInstances">(handlers, "RebootInstances", input, caller),
  };
}

/** @throws AwsError if the hosts are not of a kind that can fail. */
export function failingHosts(hosts: HostDriver): HostDriver & HostFaults {
  if (canFail(hosts)) return hosts;
  throw new AwsError("UnsupportedFault", `Hosts of kind "${hosts.kind}" cannot provoke this fault.`);
}

/** @throws AwsError `InvalidInstanceID.NotFound`, or `IncorrectInstanceState` for an instance that does not run. */
export async function requireRunning(services: MachineServices, instanceId: string): Promise<void> {
  const { Reservations = [] } = await ec2Client(services).describeInstances({ InstanceIds: [instanceId] });
  const state = Reservations[0]?.Instances?.[0]?.State?.Name;
  if (state !== "running")
    throw new AwsError("IncorrectInstanceState", `The instance '${instanceId}' is not 'running' but '${state}'.`);
}
