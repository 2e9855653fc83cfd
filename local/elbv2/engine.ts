import type * as ec2 from "@aws-sdk/client-ec2";
import type { CloudContext } from "../context/context.ts";
import { callService } from "../context/service-call.ts";
import type { Ec2Service } from "../ec2/contract.ts";
import type { HostDriver } from "../hosts/driver.ts";
import type { AccountQuotas } from "../service-quotas/account-quotas.ts";
import type { InputOf, OperationName, OutputOf } from "../wire/contract.ts";
import type { ElbState } from "./model.ts";
import type { ElbTimings } from "./timings.ts";

/** What the parts of the emulation share. */
export interface Engine {
  readonly context: CloudContext;
  readonly timings: ElbTimings;
  readonly state: ElbState;
  readonly quotas: AccountQuotas;
  readonly hosts: HostDriver;
  readonly service: Ec2Service;
  /** EC2's public API, called as load balancing's service-linked role. */
  ec2<N extends OperationName<typeof ec2>>(
    operation: N & string,
    input: InputOf<typeof ec2, N>,
  ): Promise<OutputOf<typeof ec2, N>>;
  /** The first load balancer or target group makes the service-linked role. */
  ensureRole(): void;
  /** Brings the hosts' proxies up to date; call it after every change. */
  sync(): void;
}

export function ec2Caller(service: Ec2Service, context: CloudContext): Engine["ec2"] {
  const name = "AWSServiceRoleForElasticLoadBalancing";
  const principal = {
    arn: `arn:aws:sts::${context.accountId}:assumed-role/${name}/ElasticLoadBalancing`,
    roleArn: `arn:aws:iam::${context.accountId}:role/aws-service-role/elasticloadbalancing.amazonaws.com/${name}`,
  };
  return (operation, input) =>
    callService(service.handlers, operation, input, { service: "ec2", region: context.region, principal });
}
