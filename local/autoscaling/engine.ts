import type * as ec2 from "@aws-sdk/client-ec2";
import type { CloudContext } from "../context/context.ts";
import { type Caller, callService } from "../context/service-call.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import type { AccountQuotas } from "../service-quotas/account-quotas.ts";
import type { InputOf, OperationName, OutputOf } from "../wire/contract.ts";
import type { AutoScalingState, Group } from "./model.ts";
import type { Placement } from "./placement.ts";
import type { AutoScalingTimings } from "./timings.ts";

/** What Auto Scaling asks of load balancing for groups with `TargetGroupARNs`. */
export interface TargetGroups {
  /** True for a target group that exists and takes instances; groups cannot be attached to `ip` targets. */
  acceptsInstances(targetGroupArn: string): boolean;
  registerInstance(targetGroupArn: string, instanceId: string): void;
  deregisterInstance(targetGroupArn: string, instanceId: string): void;
  /** `TargetHealth.State` of an instance, e.g. `healthy`; undefined if it is not registered. */
  health(targetGroupArn: string, instanceId: string): string | undefined;
}

/** What the parts of the emulation share. `wake` asks for a reconcile of a group soon; many wishes become one. */
export interface Engine {
  readonly context: CloudContext;
  readonly timings: AutoScalingTimings;
  readonly state: AutoScalingState;
  readonly quotas: AccountQuotas;
  readonly targets: TargetGroups | undefined;
  /** Groups that name zones and no subnets are taken only where the Region has default subnets. */
  readonly zonesNeedDefaultVpc: boolean;
  wake(group: Group): void;
  /** The first group makes the service-linked role. */
  ensureRole(): void;
  /** EC2's public API, called as the service-linked role of Auto Scaling. */
  ec2<N extends OperationName<typeof ec2>>(
    operation: N & string,
    input: InputOf<typeof ec2, N>,
  ): Promise<OutputOf<typeof ec2, N>>;
  /**
   * Where RunInstances calls that have not answered launch, by group; they count as capacity and do not survive a
   * restart.
   */
  readonly launching: Map<string, readonly Placement[]>;
}

/** The role that groups act as by default: `AWSServiceRoleForAutoScaling`. */
export function serviceLinkedRoleArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
}

export function ec2Caller(service: Ec2Service, context: CloudContext): Engine["ec2"] {
  const caller: Caller = {
    service: "ec2",
    region: context.region,
    principal: {
      arn: `arn:aws:sts::${context.accountId}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling`,
      roleArn: serviceLinkedRoleArn(context.accountId),
    },
  };
  return (operation, input) => callService(service.handlers, operation, input, caller);
}
