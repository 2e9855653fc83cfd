import { join } from "node:path";
import { stringify } from "yaml";
import type { ClusterConfiguration, InitConfiguration } from "./config-schema.ts";

/** The static pod of the API server with the flags that kubeadm gives it; `extraArgs` come last and replace equal ones. */
export function apiServerManifest(
  init: InitConfiguration,
  cluster: ClusterConfiguration,
  certificates: string,
  version: string,
): string {
  const { advertiseAddress, bindPort } = init.localAPIEndpoint;
  const { external } = cluster.etcd;
  const pki = (file: string) => join(certificates, file);
  const flags: Record<string, string> = {
    "advertise-address": advertiseAddress,
    "allow-privileged": "true",
    "authorization-mode": "Node,RBAC",
    "client-ca-file": pki("ca.crt"),
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    "etcd-cafile": external.caFile,
    "etcd-certfile": external.certFile,
    "etcd-keyfile": external.keyFile,
    "etcd-servers": external.endpoints.join(","),
    "requestheader-client-ca-file": pki("front-proxy-ca.crt"),
    "secure-port": String(bindPort),
    "service-account-issuer": `https://kubernetes.default.svc.${cluster.networking.dnsDomain}`,
    "service-account-key-file": pki("sa.pub"),
    "service-account-signing-key-file": pki("sa.key"),
    "service-cluster-ip-range": cluster.networking.serviceSubnet,
    "tls-cert-file": pki("apiserver.crt"),
    "tls-private-key-file": pki("apiserver.key"),
    ...Object.fromEntries(cluster.apiServer.extraArgs.map(({ name, value }) => [name, value])),
  };
  const container = {
    name: "kube-apiserver",
    image: `${cluster.imageRepository}/kube-apiserver:${version}`,
    command: ["kube-apiserver", ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
  };
  return stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "kube-apiserver",
      namespace: "kube-system",
      labels: { component: "kube-apiserver", tier: "control-plane" },
      annotations: {
        "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": `${advertiseAddress}:${bindPort}`,
      },
    },
    spec: { containers: [container], hostNetwork: true, priorityClassName: "system-node-critical" },
  });
}
