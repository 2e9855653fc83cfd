import { existsSync } from "node:fs";
import { ApiClient } from "../common/api-client.ts";
import { createSigningRequest } from "../common/certificates.ts";
import { writePrivateFile } from "../common/files.ts";
import { readKubeconfig, writeKubeconfig } from "../common/kubeconfig.ts";
import { certificateSigningRequestSchema } from "../common/objects.ts";
import { retryUntil } from "../common/polling.ts";
import type { KubeletOptions } from "./options.ts";

const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const REQUEST_TIMEOUT_MS = 5000;
const POLL_MS = 200;
/** Then the request is made again, as by the real kubelet. */
const APPROVAL_MS = 15 * 60_000;

/**
 * The TLS bootstrap (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/): a key that
 * never leaves the host, a certificate for it, and a kubeconfig of both. Nothing is done where there is a kubeconfig.
 */
export async function bootstrap(options: KubeletOptions, log: (line: string) => void): Promise<void> {
  const { kubeconfig, bootstrapKubeconfig, nodeName } = options;
  if (existsSync(kubeconfig) || bootstrapKubeconfig === undefined || !existsSync(bootstrapKubeconfig)) return;
  const connection = readKubeconfig(bootstrapKubeconfig);
  const client = new ApiClient(connection, { timeoutMs: REQUEST_TIMEOUT_MS });
  const commonName = `system:node:${nodeName}`;
  const { request, key } = await createSigningRequest({ commonName, organizations: ["system:nodes"] });
  let name: string | undefined;
  const clientCertificate = await retryUntil(
    async () => {
      name ??= nameOf(await client.create(REQUESTS, signingRequest(request)));
      const { status } = certificateSigningRequestSchema.parse(await client.get(`${REQUESTS}/${name}`));
      if (!status.certificate) throw new Error(`certificate signing request ${name} is not approved`);
      return Buffer.from(status.certificate, "base64").toString();
    },
    { timeoutMs: APPROVAL_MS, intervalMs: POLL_MS },
  );
  client.close();
  writePrivateFile(
    kubeconfig,
    writeKubeconfig("kubernetes", "default-auth", { ...connection, clientCertificate, clientKey: key }),
  );
  log(`has a certificate of ${commonName}`);
}

function nameOf(answer: unknown): string {
  return certificateSigningRequestSchema.parse(answer).metadata.name ?? "";
}

function signingRequest(request: string) {
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { generateName: "node-csr-" },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    },
  };
}
