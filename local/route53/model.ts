import type {
  HealthCheckConfig,
  ResourceRecordSetFailover,
  ResourceRecordSetRegion,
  RRType,
  VPC,
} from "@aws-sdk/client-route-53";

/** Everything that Route 53 remembers, as plain JSON: times are epoch milliseconds. */
export interface Route53State {
  readonly zones: Record<string, Zone>;
  readonly changes: Record<string, { submittedAt: number; comment: string }>;
  readonly healthChecks: Record<string, HealthCheck>;
  /** Caller references of health checks that were deleted; they cannot be used again. */
  readonly usedReferences: string[];
}

export interface Zone {
  /** Without the `/hostedzone/` that the API puts before it. */
  readonly id: string;
  /** With its closing dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment: string;
  /** The VPCs of a private zone; empty for a public one. */
  readonly vpcs: readonly VPC[];
  records: RecordSet[];
  tags: Record<string, string>;
}

export interface RecordSet {
  readonly name: string;
  readonly type: RRType;
  readonly ttl?: number;
  readonly values: readonly string[];
  readonly alias?: { readonly hostedZoneId: string; readonly dnsName: string; readonly evaluateTargetHealth: boolean };
  /** Absent for simple routing: then the record is the only one of its name and type. */
  readonly routing?: Routing;
  readonly healthCheckId?: string;
}

/** The policy of a group of records of one name and type, and this record's part in it. */
export type Routing = { readonly identifier: string } & (
  | { readonly policy: "weighted"; readonly weight: number }
  | { readonly policy: "latency"; readonly region: ResourceRecordSetRegion }
  | { readonly policy: "failover"; readonly role: ResourceRecordSetFailover }
);

export interface HealthCheck {
  readonly id: string;
  readonly callerReference: string;
  config: HealthCheckConfig & Required<Pick<HealthCheckConfig, "Type">>;
  version: number;
  tags: Record<string, string>;
  /** A new check is healthy until its endpoint has failed often enough. */
  healthy: boolean;
  /** Equal results in a row, that differ from `healthy`. */
  streak: number;
  /** The latest result, and the latest failure, as GetHealthCheckStatus shows them. */
  latest?: { readonly text: string; readonly at: number };
  failure?: { readonly text: string; readonly at: number };
}
