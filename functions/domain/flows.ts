/** Who may reach whom: the whole of a cluster's security groups (docs/security.md shows the same table). */
export interface FlowRule {
  readonly to: "masters" | "nodes";
  /** The other group of the cluster, or a CIDR. */
  readonly from: "masters" | "nodes" | { readonly cidr: string };
  readonly protocol: "tcp" | "udp" | "-1";
  /** Inclusive; absent with protocol -1. */
  readonly ports?: readonly [number, number];
  readonly why: string;
}

/**
 * Nodes reach masters on every port but etcd's (2379–2380) and those that etcd's peers of older installers used; the
 * holes are kops's (kops-reference §b). The API is open to the VPC, where the load balancer's interfaces are, and to
 * the world: client certificates guard it.
 */
export const clusterFlows = (networkCidr: string): FlowRule[] => [
  { to: "masters", from: "masters", protocol: "-1", why: "control plane and etcd peers" },
  { to: "nodes", from: "nodes", protocol: "-1", why: "pods and services between nodes" },
  { to: "nodes", from: "masters", protocol: "-1", why: "kubelets and webhooks" },
  { to: "masters", from: "nodes", protocol: "tcp", ports: [1, 2378], why: "everything below etcd's ports" },
  { to: "masters", from: "nodes", protocol: "tcp", ports: [2382, 4000], why: "between etcd's ports" },
  { to: "masters", from: "nodes", protocol: "tcp", ports: [4003, 65535], why: "API server and node ports" },
  { to: "masters", from: "nodes", protocol: "udp", ports: [1, 65535], why: "overlay network and DNS" },
  {
    to: "masters",
    from: { cidr: networkCidr },
    protocol: "tcp",
    ports: [6443, 6443],
    why: "load balancer to API server",
  },
  { to: "masters", from: { cidr: "0.0.0.0/0" }, protocol: "tcp", ports: [6443, 6443], why: "API clients" },
];
