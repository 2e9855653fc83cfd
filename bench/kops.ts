import { awsTimings } from "../local/cloud/timings.ts";

/** A wait of kops in seconds: at least, at most. */
interface Part {
  readonly what: string;
  readonly least: number;
  readonly most: number;
}

/** Seconds of kops's own constants (docs/references/kops.md#recovery), and of AWS's waits where Holdfast waits for the same. */
export interface KopsEstimate {
  readonly parts: readonly Part[];
  readonly least: number;
  readonly most: number;
}

const { ec2, autoScaling, elbV2, hosts } = awsTimings;

function same(what: string, ...milliseconds: readonly (number | undefined)[]): Part {
  const seconds = milliseconds.reduce<number>((sum, each) => sum + (each ?? 0), 0) / 1_000;
  return { what, least: seconds, most: seconds };
}

/** From an instance's launch to an API server behind its load balancer. */
const MASTER: readonly Part[] = [
  same("launch, and boot to user data", ec2.instancePending, hosts.userData),
  { what: "nodeup installs", least: 60, most: 120 },
  { what: "volume attached: polled each 10 s", least: 10, most: 20 },
  { what: "etcd-manager finds its peers: polled each 60 s", least: 0, most: 60 },
  { what: "etcd-manager's control cycle of 10 s", least: 10, most: 20 },
  same("control plane starts", hosts.controlPlane),
  { what: "two health checks of 10 s", least: 10, most: 20 },
];

function estimate(parts: readonly Part[]): KopsEstimate {
  const sum = (bound: "least" | "most"): number => Math.round(parts.reduce((all, part) => all + part[bound], 0));
  return { parts, least: sum("least"), most: sum("most") };
}

/** One master whose instance was terminated: nothing informs its group, and nobody assigns its volume. */
export const kopsRepair = estimate([
  same("group detects the loss", autoScaling.detection, autoScaling.reaction),
  ...MASTER,
  { what: "volume still held by the old instance: asked again after 60 s", least: 0, most: 60 },
]);

/** Network and load balancer first, all masters at once, until the API answers through the load balancer. */
export const kopsCreate = estimate([
  same("NAT gateways", ec2.natGatewayPending),
  ...MASTER,
  // Begun together with the NAT gateways.
  same("load balancer, beyond what the rest takes", Math.max(0, rest())),
]);

function rest(): number {
  const balancer = (elbV2.provisioning ?? 0) + (elbV2.registration ?? 0);
  return balancer - (ec2.natGatewayPending ?? 0) - estimate(MASTER).least * 1_000;
}
