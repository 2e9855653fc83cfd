import { createHash, X509Certificate } from "node:crypto";

/**
 * The pin of a certificate authority in a JoinConfiguration: SHA-256 of the public key's DER encoding, `sha256:<hex>`.
 * https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#token-based-discovery-with-ca-pinning
 */
export function certificateHash(certificatePem: string): string {
  const publicKey = new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(publicKey).digest("hex")}`;
}
