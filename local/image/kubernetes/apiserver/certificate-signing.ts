import * as z from "zod";
import { certificateSigningRequestSchema, type KubernetesObject } from "../common/objects.ts";
import type { User } from "./authentication.ts";
import { StatusError } from "./status.ts";

const KUBELET_SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";
const SERVING_SIGNER = "kubernetes.io/kubelet-serving";
const NODE_PREFIX = "system:node:";
/** What a binding must give for a request to be approved: for the requester's own name, and for the name of any node. */
const ROLES = "system:certificates.k8s.io:certificatesigningrequests:";
const OWN_NAME = `${ROLES}selfnodeclient`;
const ANY_NODE = `${ROLES}nodeclient`;

export interface SigningAuthority {
  /** PEM texts. */
  readonly certificate: string;
  readonly key: string;
}

const Binding = z.looseObject({
  roleRef: z.object({ kind: z.string(), name: z.string() }).loose(),
  subjects: z.array(z.object({ kind: z.string(), name: z.string() }).loose()).default([]),
});

const Recorded = certificateSigningRequestSchema.extend({
  spec: z.looseObject({
    request: z.string(),
    signerName: z.string(),
    usages: z.array(z.string()).default([]),
    username: z.string().default(""),
    groups: z.array(z.string()).default([]),
  }),
});

/**
 * A request as it is kept, with who made it. Throws 403 where the NodeRestriction admission does: a node asks for its own name
 * alone (Kubernetes 1.32).
 */
export async function recordRequest(object: KubernetesObject, user: User): Promise<KubernetesObject> {
  const { spec, ...rest } = certificateSigningRequestSchema.parse(object);
  const isOfNode = user.groups.includes("system:nodes") && user.name.startsWith(NODE_PREFIX);
  if (isOfNode && [KUBELET_SIGNER, SERVING_SIGNER].includes(spec.signerName)) {
    const request = await read(spec.request);
    if (request?.subject.commonName !== user.name)
      throw new StatusError(403, "Forbidden", `can only create a node CSR with CN=${user.name}`);
  }
  return { ...rest, spec: { ...spec, username: user.name, groups: user.groups }, status: {} };
}

/**
 * The request approved and signed, as two controllers do it, if a ClusterRoleBinding says that its maker may have it; undefined
 * while it stays pending.
 */
export async function approveRequest(
  object: KubernetesObject,
  bindings: readonly KubernetesObject[],
  authority: SigningAuthority,
): Promise<KubernetesObject | undefined> {
  const { spec, status, ...rest } = Recorded.parse(object);
  if (spec.signerName !== KUBELET_SIGNER || status.certificate !== undefined) return undefined;
  const request = await read(spec.request);
  if (!request || !isKubelet(request.subject)) return undefined;
  const granted = bindings
    .map((binding) => Binding.parse(binding))
    .filter(({ subjects }) => subjects.some(({ kind, name }) => isSubject(spec, kind, name)))
    .map(({ roleRef }) => roleRef.name);
  const isOwn = spec.username === request.subject.commonName;
  if (!granted.includes(ANY_NODE) && !(isOwn && granted.includes(OWN_NAME))) return undefined;
  // Loaded here because an API server signs seldom and shall start quickly.
  const { loadAuthority, signCertificate } = await import("../common/certificates.ts");
  const signer = loadAuthority(authority.certificate, authority.key);
  const certificate = await signCertificate(signer, { subject: request.subject, usage: "client" }, request.publicKey);
  return { ...rest, spec, status: approved(Buffer.from(certificate).toString("base64")) };
}

async function read(base64: string) {
  return (await import("../common/certificates.ts")).readSigningRequest(Buffer.from(base64, "base64").toString());
}

function isKubelet(subject: { commonName: string; organizations?: readonly string[] }): boolean {
  return (
    subject.commonName.length > NODE_PREFIX.length &&
    subject.commonName.startsWith(NODE_PREFIX) &&
    subject.organizations?.join() === "system:nodes"
  );
}

function isSubject(by: { username: string; groups: readonly string[] }, kind: string, name: string): boolean {
  return kind === "Group" ? by.groups.includes(name) : kind === "User" && by.username === name;
}

function approved(certificate: string) {
  const now = new Date().toISOString();
  const message = "Auto approving kubelet client certificate after SubjectAccessReview.";
  const condition = { type: "Approved", status: "True", reason: "AutoApproved", message, lastUpdateTime: now };
  return { certificate, conditions: [{ ...condition, lastTransitionTime: now }] };
}
