import type { RRType, VPC } from "@aws-sdk/client-route-53";

/** Everything that Route 53 remembers, as plain JSON: times are epoch milliseconds. */
export interface Route53State {
  readonly zones: Record<string, Zone>;
  readonly changes: Record<string, { submittedAt: number; comment: string }>;
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
}
