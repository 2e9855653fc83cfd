/** All rules of a cluster's security groups: who may reach whom (docs/security.md has the same table). */
export interface FlowRule {
  readonly to: GroupKind;
  /** The other group of the cluster, or a CIDR. */
  readonly from: "masters" | "nodes" | { readonly cidr: string };
  readonly protocol: "tcp" | "udp" | "icmp" | "-1";
  /** Inclusive; absent with protocol -1, and with ICMP, where all types are meant. */
  readonly ports?: readonly [number, number];
  readonly why: string;
}

/** `api` is the load balancer's, which has one only where not everybody may reach it. */
export type GroupKind = "masters" | "nodes" | "api";

const HTTPS = [443, 443] as const;

/**
 * Nodes reach masters on every port except etcd's (2379–2380) and those of older installers; kops has the same gaps
 * (docs/references/kops.md#security-groups). An API server is reached only from the load balancer's interfaces: targets
 * given by address keep no client address (docs/references/aws.md#load-balancer). `blocks` are those of the VPC, `adminAccess`
 * is the spec's.
 */
export function clusterFlows(blocks: readonly string[], adminAccess: readonly string[] = []): FlowRule[] {
  return [
    { to: "masters", from: "masters", protocol: "-1", why: "control plane and etcd peers" },
    { to: "nodes", from: "nodes", protocol: "-1", why: "pods and services between nodes" },
    { to: "nodes", from: "masters", protocol: "-1", why: "kubelets and webhooks" },
    { to: "masters", from: "nodes", protocol: "tcp", ports: [1, 2378], why: "everything below etcd's ports" },
    { to: "masters", from: "nodes", protocol: "tcp", ports: [2382, 4000], why: "between etcd's ports" },
    { to: "masters", from: "nodes", protocol: "tcp", ports: [4003, 65535], why: "API server and node ports" },
    { to: "masters", from: "nodes", protocol: "udp", ports: [1, 65535], why: "overlay network and DNS" },
    { to: "masters", from: "nodes", protocol: "icmp", why: "path MTU and health checks of networks" },
    ...blocks.map(balancerFlow),
    ...adminAccess.map((cidr): FlowRule => apiFlow(cidr, "administrators")),
    ...(adminAccess.length > 0 ? blocks.map((cidr) => apiFlow(cidr, "the cluster itself")) : []),
  ];
}

/** What a block that is added to the VPC needs: its subnets have masters, and a zone of the load balancer. */
export function blockFlows(cidr: string, adminAccess: readonly string[] = []): FlowRule[] {
  return [balancerFlow(cidr), ...(adminAccess.length > 0 ? [apiFlow(cidr, "the cluster itself")] : [])];
}

function balancerFlow(cidr: string): FlowRule {
  return {
    to: "masters",
    from: { cidr },
    protocol: "tcp",
    ports: [6443, 6443],
    why: "load balancer to API server",
  };
}

/** Into the API's load balancer from a network. */
export function apiFlow(cidr: string, why: string): FlowRule {
  return { to: "api", from: { cidr }, protocol: "tcp", ports: HTTPS, why };
}
