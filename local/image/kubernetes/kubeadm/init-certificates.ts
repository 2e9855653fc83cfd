import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Authority, type CertificateRequest, issueCertificate, loadAuthority } from "../common/certificates.ts";
import { messageOf } from "../common/command.ts";
import { writePrivateFile } from "../common/files.ts";
import { writeKubeconfig } from "../common/kubeconfig.ts";
import type { ClusterConfiguration, InitConfiguration } from "./config-schema.ts";
import type { HostPaths } from "./host-paths.ts";

/**
 * The cluster's authority. The real program makes one if there is none; here its absence is an error, because masters
 * that each make their own are no cluster.
 */
export function readClusterAuthority(paths: HostPaths): { authority: Authority; certificate: string } {
  try {
    const certificate = readFileSync(join(paths.certificates, "ca.crt"), "utf8");
    return {
      authority: loadAuthority(certificate, readFileSync(join(paths.certificates, "ca.key"), "utf8")),
      certificate,
    };
  } catch (error) {
    throw new Error(`error loading the certificate authority from ${paths.certificates}: ${messageOf(error)}`);
  }
}

/** Issues what the API server shows and what it calls kubelets with. */
export async function issueApiServerCertificates(
  init: InitConfiguration,
  cluster: ClusterConfiguration,
  paths: HostPaths,
  authority: Authority,
): Promise<void> {
  await issue("apiserver", {
    subject: { commonName: "kube-apiserver" },
    usage: "server",
    alternativeNames: apiServerNames(init, cluster),
  });
  await issue("apiserver-kubelet-client", {
    subject: { commonName: "kube-apiserver-kubelet-client", organizations: ["kubeadm:cluster-admins"] },
    usage: "client",
  });

  async function issue(name: string, request: CertificateRequest): Promise<void> {
    const { certificate, key } = await issueCertificate(authority, request);
    writePrivateFile(join(paths.certificates, `${name}.key`), key);
    writePrivateFile(join(paths.certificates, `${name}.crt`), certificate);
  }
}

/**
 * Writes `admin.conf`, which leads to the shared endpoint, and `kubelet.conf`, which leads to this master's own API
 * server: kubeadm's `ControlPlaneKubeletLocalMode`, so that a kubelet never talks to an API server newer than its own.
 */
export async function issueKubeconfigs(
  init: InitConfiguration,
  cluster: ClusterConfiguration,
  paths: HostPaths,
  { authority, certificate: certificateAuthority }: { authority: Authority; certificate: string },
): Promise<void> {
  const users = [
    {
      file: "admin.conf",
      server: `https://${cluster.controlPlaneEndpoint}`,
      subject: { commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"] },
    },
    {
      file: "kubelet.conf",
      server: localEndpoint(init),
      subject: { commonName: `system:node:${nodeName(init)}`, organizations: ["system:nodes"] },
    },
  ];
  for (const { file, server, subject } of users) {
    const { certificate, key } = await issueCertificate(authority, { subject, usage: "client" });
    const connection = { server, certificateAuthority, clientCertificate: certificate, clientKey: key };
    writePrivateFile(
      join(paths.kubernetes, file),
      writeKubeconfig(cluster.clusterName, subject.commonName, connection),
    );
  }
}

/** `https://<advertised address>:<port>` of the API server on this host. */
export function localEndpoint({ localAPIEndpoint: { advertiseAddress, bindPort } }: InitConfiguration): string {
  return `https://${advertiseAddress}:${bindPort}`;
}

/** As kubeadm does: the configured name, else the host's own. */
export function nodeName({ nodeRegistration }: Pick<InitConfiguration, "nodeRegistration">): string {
  return nodeRegistration.name ?? hostname().toLowerCase();
}

/** kubeadm's list, and loopback, because the local image's own health checks look there. */
function apiServerNames(init: InitConfiguration, cluster: ClusterConfiguration): string[] {
  const { serviceSubnet, dnsDomain } = cluster.networking;
  const names = [
    nodeName(init),
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${dnsDomain}`,
    firstServiceAddress(serviceSubnet),
    init.localAPIEndpoint.advertiseAddress,
    cluster.controlPlaneEndpoint.replace(/:\d+$/, ""),
    "localhost",
    "127.0.0.1",
    ...cluster.apiServer.certSANs,
  ];
  return [...new Set(names)];
}

/** `10.96.0.1` of `10.96.0.0/12`: the address of the service `kubernetes`. */
function firstServiceAddress(cidr: string): string {
  const [network = "", length = "32"] = cidr.split("/");
  const bits = network.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
  const size = 2 ** (32 - Number(length));
  const address = Math.floor(bits / size) * size + 1;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
