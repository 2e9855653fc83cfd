/** How long things take, in milliseconds. People and tests may slow the local cloud down to AWS's own pace. */
export interface Ec2Timings {
  /** A new VPC or subnet is `pending` this long. */
  readonly networkPending: number;
  /** From the call that starts an instance to its host's power. */
  readonly powerOn: number;
  /** The shortest time an instance is `pending`; longer when its host takes longer to boot. */
  readonly instancePending: number;
  /** The shortest time an instance is `stopping`, `shutting-down` or rebooting. */
  readonly shuttingDown: number;
  /** After it reached `running`, an instance's status checks say `initializing` this long. */
  readonly statusChecks: number;
  /** A volume is `creating`. */
  readonly volumeCreating: number;
  /** A volume is `deleting`. */
  readonly volumeDeleting: number;
  /** An attachment is `attaching`. */
  readonly volumeAttaching: number;
  /**
   * An attachment is at least this long `detaching`; also the pause between two tries while the guest has it mounted.
   */
  readonly volumeDetaching: number;
  /** A mounted volume that is being detached turns from `detaching` to `busy` after this time. */
  readonly volumeBusyAfter: number;
  /** A snapshot is `pending`. */
  readonly snapshotPending: number;
  /** The shortest time between two snapshots of one volume; 0 puts no limit. */
  readonly snapshotInterval: number;
  /** A secondary interface is `attaching` or `detaching`. */
  readonly interfaceAttaching: number;
  /** A NAT gateway is `pending`. */
  readonly natGatewayPending: number;
  /** A NAT gateway is `deleting`. */
  readonly natGatewayDeleting: number;
  /** Terminated instances and deleted NAT gateways can be described this long. */
  readonly goneVisible: number;
}

/** Short enough that a person does not wait, long enough that a poller sees every state. */
export const localTimings: Ec2Timings = {
  networkPending: 20,
  powerOn: 0,
  instancePending: 50,
  shuttingDown: 100,
  statusChecks: 300,
  volumeCreating: 50,
  volumeDeleting: 50,
  volumeAttaching: 50,
  volumeDetaching: 100,
  volumeBusyAfter: 1_000,
  snapshotPending: 100,
  snapshotInterval: 0,
  interfaceAttaching: 50,
  natGatewayPending: 150,
  natGatewayDeleting: 200,
  goneVisible: 3_600_000,
};

/** AWS's own pace: what it documents, or what people measured. */
export const awsTimings: Ec2Timings = {
  // Assumed. What is made in a VPC is there after 1 s: github.com/DevopsArtFactory/terraform-provisioning/pull/5.
  networkPending: 1_000,
  // `pending` → `running` took 16.4 to 16.6 s for six instance families: github.com/brevdev/ec2-coldboot-research.
  // In 2021 it was 5 s: daemonology.net/blog/2021-08-12-EC2-boot-time-benchmarking.html.
  powerOn: 16_500,
  // As `powerOn`, until EC2 says so.
  instancePending: 17_000,
  // A guest has some 30 s to stop its services; EC2 then needs "30 s to minutes" until the interface is free:
  // docs.aws.amazon.com/AWSEC2/latest/UserGuide/TroubleshootingInstancesShuttingDown.html,
  // github.com/terraform-aws-modules/terraform-aws-autoscaling/issues/226.
  shuttingDown: 45_000,
  // Status checks run each minute: docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html.
  statusChecks: 120_000,
  // 1.5 s in the median; who asks each 3 s sees it after 3.5 s, one time of a hundred after 6 s:
  // github.com/kubernetes-sigs/aws-ebs-csi-driver/pull/2021.
  volumeCreating: 3_000,
  // Assumed, as for `volumeCreating`; nothing waits for it.
  volumeDeleting: 3_000,
  // "Most attach/detach operations on AWS finish within 1-4 seconds": github.com/kubernetes/kubernetes/pull/56974.
  volumeAttaching: 4_000,
  // As `volumeAttaching`.
  volumeDetaching: 4_000,
  // A volume that the guest still mounts turns `busy`: docs/references/aws.md#attach.
  volumeBusyAfter: 10_000,
  // The first snapshot of a small volume takes about a minute: docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshots.html.
  snapshotPending: 60_000,
  snapshotInterval: 0,
  // "around 2-3 seconds we have to wait for the detach": github.com/aws/amazon-vpc-cni-k8s/issues/608.
  interfaceAttaching: 3_000,
  // 1 min 10 s to 2 min in Terraform's logs: github.com/terraform-aws-modules/terraform-aws-vpc/issues/999;
  // at worst 5 to 10 min: github.com/kubernetes/kops/pull/944.
  natGatewayPending: 105_000,
  // Assumed; it takes "a little while": github.com/aws/aws-sdk/issues/61. Deletions alone wait for it.
  natGatewayDeleting: 60_000,
  // "Approximately one hour": docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html.
  goneVisible: 3_600_000,
};
