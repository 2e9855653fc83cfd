/** How long Auto Scaling takes for what it does by itself, in milliseconds. */
export interface AutoScalingTimings {
  /**
   * From an instance that stops running to its group's detection. AWS: about a minute, up to a few
   * (docs/references/aws.md#asg-health, observed).
   */
  readonly detection: number;
  /** From a group's decision to launch to its call to EC2. */
  readonly reaction: number;
  /** From an impaired status check to replacement. AWS: "some minutes", to give the instance a chance to recover. */
  readonly impairedDelay: number;
  /** Between two looks at EC2's status checks and at what an event may have missed. */
  readonly refreshStates: number;
  /** Spent in Pending:Proceed before an instance is InService. */
  readonly proceed: number;
  /**
   * The wait after a failed launch, doubled for each further one, up to the longest. AWS grows from seconds to minutes.
   */
  readonly firstRetry: number;
  readonly maxRetry: number;
  /**
   * How long EC2 may not know an instance that it has just started (eventual consistency,
   * docs/references/aws.md#consistency).
   */
  readonly describeLag: number;
}

/**
 * Fast enough for a laptop; the order of what happens is AWS's, and a health check is by far the slowest way to learn
 * anything.
 */
export const localTimings: AutoScalingTimings = {
  detection: 5_000,
  reaction: 0,
  impairedDelay: 3_000,
  refreshStates: 1_000,
  proceed: 50,
  firstRetry: 300,
  maxRetry: 5_000,
  describeLag: 10_000,
};

/** AWS's own pace: what it documents, or what people measured. */
export const awsTimings: AutoScalingTimings = {
  // "About one minute, sometimes several": docs/references/aws.md#asg-health.
  detection: 60_000,
  // An update at 15:27:15 is acted upon at 15:27:19 (github.com/hashicorp/terraform-provider-aws/issues/5241); another
  // launch begins 2 s after its cause (github.com/kubernetes/autoscaler/issues/1263).
  reaction: 5_000,
  // "Some minutes": docs/references/aws.md#asg-health.
  impairedDelay: 180_000,
  // Assumed: `detection` and `impairedDelay` are what counts.
  refreshStates: 10_000,
  // Assumed: no figure is known.
  proceed: 2_000,
  // "It will take several minutes as the ASG will try to launch a replacement instance before ENIs have been released":
  // github.com/tailscale-dev/examples-infrastructure-as-code/pull/12.
  firstRetry: 30_000,
  // As `firstRetry`: "several minutes".
  maxRetry: 300_000,
  // docs/references/aws.md#consistency
  describeLag: 10_000,
};
