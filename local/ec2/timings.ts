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
  goneVisible: 3_600_000,
};
