import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../wire/contract.ts";
import type { BalancerFront } from "./network/balancer-clients.ts";

/**
 * What other emulated services may ask of EC2 beyond its public API. Auto Scaling uses `handlers` like any caller
 * (RunInstances, TerminateInstances, DescribeInstances, DescribeInstanceStatus…) and listens to states.
 */
export interface Ec2Service {
  readonly handlers: Handlers<typeof ec2>;
  onInstanceState(listener: (change: InstanceStateChange) => void): void;
  /** An interface that a service owns in a user's subnet (`RequesterManaged`), as load balancers and NAT gateways have. */
  createManagedInterface(request: { subnetId: string; description: string; groups?: readonly string[] }): {
    networkInterfaceId: string;
    privateIpAddress: string;
  };
  deleteManagedInterface(networkInterfaceId: string): void;
  /** The private addresses in a VPC from which a load balancer's security groups let connections in. */
  balancerClients(front: BalancerFront): readonly string[];
  /** The VPC of a subnet; throws `InvalidSubnetID.NotFound`. */
  vpcOf(subnetId: string): string;
  /** The zone of the subnet of this VPC in which the address is; undefined for an address that is in none. */
  zoneOf(vpcId: string, address: string): string | undefined;
}

export interface InstanceStateChange {
  readonly instanceId: string;
  readonly state: ec2.InstanceStateName;
  readonly previous: ec2.InstanceStateName | undefined;
}
