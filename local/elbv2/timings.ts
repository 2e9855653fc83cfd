/** How long load balancing takes for what it does by itself, in milliseconds. */
export interface ElbTimings {
  /** From `provisioning` to `active`. AWS: one to three minutes. */
  readonly provisioning: number;
  /** From a target's registration with an active balancer to its first health check. */
  readonly registration: number;
  /** Between two health checks of a target, instead of `HealthCheckIntervalSeconds` (30 s by default). */
  readonly healthInterval: number;
  /** The longest a health check may take, instead of `HealthCheckTimeoutSeconds`. */
  readonly healthTimeout: number;
  /** The longest a deregistered target drains, instead of `deregistration_delay.timeout_seconds` (300 s by default). */
  readonly draining: number;
  /** Until a zone that is enabled is in DNS and forwards, or the interface of one that is disabled is gone. */
  readonly zoneChange: number;
  /** How long a deleted balancer's interfaces stay (docs/references/aws.md#load-balancer). */
  readonly release: number;
}

export const localTimings: ElbTimings = {
  provisioning: 500,
  registration: 0,
  healthInterval: 300,
  healthTimeout: 1_000,
  draining: 2_000,
  zoneChange: 500,
  release: 1_000,
};

/** AWS's own pace: what it documents, or what people measured. */
export const awsTimings: ElbTimings = {
  // One to three minutes; with the first target four to five: github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1786.
  provisioning: 150_000,
  // "NLB target registration can take from 90 to 180 seconds": github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1834.
  registration: 120_000,
  // What Holdfast's target groups ask for (functions/aws/load-balancing/load-balancing.ts); two in a row decide.
  healthInterval: 5_000,
  // As `healthInterval`.
  healthTimeout: 5_000,
  // The default: docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html.
  draining: 300_000,
  // "It can take up to 3 minutes": docs/references/aws.md#load-balancer.
  zoneChange: 180_000,
  // "Generally only take 5 minutes to delete": github.com/hashicorp/terraform-provider-aws/pull/10347.
  release: 300_000,
};
