import { certificateSigningRequestSchema, type KubernetesObject } from "../common/objects.ts";
import type { User } from "./authentication.ts";

const KUBELET_SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";

export interface SigningAuthority {
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
}

/**
 * Approves and signs a kubelet's request at once, where Kubernetes has two controllers for it. Any other request stays
 * pending. The requester must be a bootstrap token, or the very node that renews its certificate.
 */
export async function approveKubeletRequest(
  object: KubernetesObject,
  user: User,
  authority: SigningAuthority,
): Promise<KubernetesObject> {
  const { spec, ...rest } = certificateSigningRequestSchema.parse(object);
  const recorded = { ...rest, spec: { ...spec, username: user.name, groups: user.groups }, status: {} };
  if (spec.signerName !== KUBELET_SIGNER) return recorded;
  // Loaded here because an API server signs seldom and shall start quickly.
  const { loadAuthority, readSigningRequest, signCertificate } = await import("../common/certificates.ts");
  const request = await readSigningRequest(Buffer.from(spec.request, "base64").toString());
  if (!request || !mayHave(request.subject, user)) return recorded;
  const { subject, publicKey } = request;
  const signer = loadAuthority(authority.certificate, authority.key);
  const certificate = await signCertificate(signer, { subject, usage: "client" }, publicKey);
  return { ...recorded, status: approved(Buffer.from(certificate).toString("base64"), user) };
}

function mayHave(subject: { commonName: string; organizations?: readonly string[] }, user: User): boolean {
  const isNode = /^system:node:.+$/.test(subject.commonName) && subject.organizations?.join() === "system:nodes";
  return isNode && (user.groups.includes("system:bootstrappers") || user.name === subject.commonName);
}

function approved(certificate: string, user: User) {
  const now = new Date().toISOString();
  const message = `Auto approving kubelet client certificate requested by ${user.name}.`;
  const condition = { type: "Approved", status: "True", reason: "AutoApproved", message, lastUpdateTime: now };
  return { certificate, conditions: [{ ...condition, lastTransitionTime: now }] };
}
