import type {
  LoadBalancerSchemeEnum,
  TargetHealthReasonEnum,
  TargetHealthStateEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";

/** Everything that load balancing remembers, as plain JSON, by ARN: times are epoch milliseconds. */
export interface ElbState {
  readonly balancers: Record<string, Balancer>;
  readonly groups: Record<string, TargetGroup>;
  readonly listeners: Record<string, Listener>;
  /** Interfaces of deleted balancers, which stay in their subnets for a while. */
  releasing: { interfaceId: string; at: number }[];
}

interface Taggable {
  readonly arn: string;
  tags: Record<string, string>;
}

export interface Balancer extends Taggable {
  readonly name: string;
  readonly dnsName: string;
  readonly scheme: LoadBalancerSchemeEnum;
  readonly vpcId: string;
  zones: readonly BalancerZone[];
  readonly securityGroups: readonly string[];
  readonly createdAt: number;
  readonly activeAt: number;
  /** The settings that a repeated CreateLoadBalancer must equal. */
  readonly settings: string;
  attributes: Record<string, string>;
}

export interface BalancerZone {
  readonly zone: string;
  readonly subnetId: string;
  readonly interfaceId: string;
  readonly address: string;
  /** From then on its address is in DNS and forwards; absent: as long as the balancer is active. */
  readonly activeAt?: number;
}

export interface TargetGroup extends Taggable {
  readonly name: string;
  readonly port: number;
  readonly vpcId: string;
  readonly targetType: "instance" | "ip";
  readonly settings: string;
  check: HealthCheck;
  attributes: Record<string, string>;
  targets: Target[];
}

export interface HealthCheck {
  readonly protocol: "TCP" | "HTTPS";
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

export interface Target {
  /** Instance id or address. */
  readonly id: string;
  readonly port: number;
  /** Empty until EC2 has the instance's address. */
  address: string;
  state: TargetHealthStateEnum;
  reason?: TargetHealthReasonEnum;
  /** Consecutive results of the health check; positive for successes, negative for failures. */
  streak: number;
  drainedAt?: number;
  registeredAt?: number;
}

export interface Listener extends Taggable {
  readonly balancerArn: string;
  port: number;
  targetGroupArn: string;
}
