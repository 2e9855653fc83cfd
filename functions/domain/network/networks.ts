import type * as z from "zod";
import type { Networking } from "../spec/value-schemas.ts";

type Used = z.output<typeof Networking>;

/** What a word after `--networking` stands for; `because` is set when it is not what was asked for. */
export interface NetworkChoice {
  readonly used: Used;
  readonly because?: string;
}

const DIED = "is no longer maintained";
const OVERLAY = "is not installed by Holdfast";

/**
 * Every name that kops has ever documented and that has a living equal or successor
 * (docs/references/kops.md#networking).
 */
const NETWORKS: Readonly<Record<string, NetworkChoice>> = {
  cilium: { used: "cilium" },
  "cilium-etcd": { used: "cilium", because: "needs an etcd of its own, which cilium no longer requires" },
  "cilium-eni": { used: "cilium", because: "ties pods to instance interfaces, which Holdfast keeps for members" },
  calico: { used: "calico" },
  flannel: { used: "flannel" },
  "flannel-vxlan": { used: "flannel" },
  "flannel-udp": { used: "flannel", because: "is a debugging mode; flannel with VXLAN does the same, faster" },
  amazonvpc: { used: "amazonvpc" },
  "amazon-vpc-routed-eni": { used: "amazonvpc" },
  kindnet: { used: "kindnet" },
  kubenet: { used: "kindnet", because: "was removed from Kubernetes" },
  cni: { used: "cni" },
  "kube-router": { used: "cilium", because: OVERLAY },
  kopeio: { used: "cilium", because: DIED },
  "kopeio-vxlan": { used: "cilium", because: DIED },
  weave: { used: "cilium", because: DIED },
  canal: { used: "cilium", because: DIED },
  romana: { used: "cilium", because: DIED },
  lyft: { used: "cilium", because: DIED },
};

/** The networks that Holdfast installs as asked, for messages. */
export const livingNetworks: readonly string[] = ["cilium", "calico", "flannel", "amazonvpc", "kindnet", "cni"];

/** Names are case-sensitive, as in kops. Undefined for a name that nobody knows. */
export function findNetwork(name: string): NetworkChoice | undefined {
  return Object.hasOwn(NETWORKS, name) ? NETWORKS[name] : undefined;
}

/** A sentence when the network in use is not the one that was asked for, else undefined. */
export function explainReplacement(networking: {
  readonly requested: string;
  readonly used: Used;
}): string | undefined {
  const { requested, used } = networking;
  const because = findNetwork(requested)?.because;
  if (because === undefined) return undefined;
  const how = used === "cilium" ? "cilium with VXLAN, the nearest living overlay," : used;
  return `the network ${requested} ${because}: ${how} is used instead`;
}

/**
 * Everything that pods and services get, outside every private range, so that no VPC overlaps it
 * (docs/references/kops.md#address-ranges).
 */
export const POD_CIDR = "100.96.0.0/11";
export const SERVICE_CIDR = "100.64.0.0/13";
export const DEFAULT_NETWORK_CIDR = "172.20.0.0/16";
