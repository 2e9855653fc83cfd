import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiClient } from "../../image/kubernetes/common/api-client.ts";
import { createSigningRequest, issueCertificate, loadAuthority } from "../../image/kubernetes/common/certificates.ts";
import { type Connection, writeKubeconfig } from "../../image/kubernetes/common/kubeconfig.ts";
import { certificateSigningRequestSchema } from "../../image/kubernetes/common/objects.ts";
import { joinDocument, type TestCluster } from "./cluster.ts";

export const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

/** PEM texts of an authority. */
export type Signer = readonly [certificate: string, key: string];

function read({ pki }: TestCluster, name: string): string {
  return readFileSync(join(pki, name), "utf8");
}

/** A connection as the node of that name, by a certificate of the cluster's authority or of another. */
export async function connectionOf(cluster: TestCluster, name: string, signer?: Signer): Promise<Connection> {
  const [authority, authorityKey] = signer ?? [read(cluster, "ca.crt"), read(cluster, "ca.key")];
  const { certificate, key } = await issueCertificate(loadAuthority(authority, authorityKey), {
    subject: { commonName: `system:node:${name}`, organizations: ["system:nodes"] },
    usage: "client",
  });
  const server = `https://${cluster.endpoint}`;
  return { server, certificateAuthority: read(cluster, "ca.crt"), clientCertificate: certificate, clientKey: key };
}

/** What a node's user data gives kubeadm. */
export async function joinAs(cluster: TestCluster, name: string, signer?: Signer) {
  const kubeconfig = join(cluster.master.root, `${name}-${Date.now()}.conf`);
  writeFileSync(kubeconfig, writeKubeconfig("kubernetes", "node", await connectionOf(cluster, name, signer)));
  return joinDocument({ kubeconfig, name });
}

/** Asks for a kubelet's certificate of that name; resolves with the name of the request. */
export async function requestCertificate(client: ApiClient, name: string): Promise<string> {
  const subject = { commonName: `system:node:${name}`, organizations: ["system:nodes"] };
  const { request } = await createSigningRequest(subject);
  const made = await client.create(REQUESTS, {
    metadata: { generateName: "node-csr-" },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    },
  });
  return certificateSigningRequestSchema.parse(made).metadata.name ?? "";
}
