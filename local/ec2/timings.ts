/** How long things take, in milliseconds. People and tests may slow the local cloud down to AWS's own pace. */
export interface Ec2Timings {
  /** A new VPC or subnet is `pending` this long. */
  readonly networkPending: number;
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

const hour = 3_600_000;

/** Short enough that a person does not wait, long enough that a poller sees every state. */
export const localTimings: Ec2Timings = {
  networkPending: 20,
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
  goneVisible: hour,
};

/**
 * What AWS takes. Documented: one snapshot a volume each 15 s, terminated instances visible about an hour, mounted
 * volumes `detaching` for 10–40 s before `busy` (docs/references/aws.md#attach). The rest is common experience.
 */
export const awsTimings: Ec2Timings = {
  networkPending: 1_000,
  instancePending: 10_000,
  shuttingDown: 30_000,
  statusChecks: 120_000,
  volumeCreating: 2_000,
  volumeDeleting: 2_000,
  volumeAttaching: 3_000,
  volumeDetaching: 5_000,
  volumeBusyAfter: 20_000,
  snapshotPending: 30_000,
  snapshotInterval: 15_000,
  interfaceAttaching: 3_000,
  natGatewayPending: 120_000,
  natGatewayDeleting: 60_000,
  goneVisible: hour,
};
