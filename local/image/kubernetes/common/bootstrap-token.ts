import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { z } from "zod";
import type { ConfigMap, secretSchema } from "./objects.ts";

/** Bootstrap tokens: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/ */
export const TOKEN_SECRET_TYPE = "bootstrap.kubernetes.io/token";
export const TOKEN_SECRET_NAMESPACE = "kube-system";
const TOKEN_PATTERN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const SIGNATURE_PREFIX = "jws-kubeconfig-";
const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** `abcdef.0123456789abcdef`; undefined if it is not of that form. */
export function parseToken(text: string): BootstrapToken | undefined {
  const [, id, secret] = TOKEN_PATTERN.exec(text) ?? [];
  return id && secret ? { id, secret } : undefined;
}

export function generateToken(): BootstrapToken {
  const text = (length: number) => [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  return { id: text(6), secret: text(16) };
}

/** The Secret that makes `token` valid until `expiration` (for ever without one), as `kubeadm token create` writes it. */
export function tokenSecret(token: BootstrapToken, options: { expiration?: Date; description?: string }) {
  const fields: Record<string, string> = {
    "token-id": token.id,
    "token-secret": token.secret,
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
  };
  if (options.expiration) fields["expiration"] = options.expiration.toISOString();
  if (options.description) fields["description"] = options.description;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `bootstrap-token-${token.id}`, namespace: TOKEN_SECRET_NAMESPACE },
    type: TOKEN_SECRET_TYPE,
    data: Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
    ),
  };
}

export interface ValidToken extends BootstrapToken {
  /** For authentication as `system:bootstrap:<id>`. */
  readonly authenticates: boolean;
  /** For signing `kube-public/cluster-info`. */
  readonly signs: boolean;
  readonly extraGroups: readonly string[];
}

/** The token that a Secret stands for at the time `now`; undefined when it is another kind of Secret or has expired. */
export function readTokenSecret(secret: z.infer<typeof secretSchema>, now: Date): ValidToken | undefined {
  const field = (name: string) => Buffer.from(secret.data[name] ?? "", "base64").toString();
  if (secret.type !== TOKEN_SECRET_TYPE) return undefined;
  const token = parseToken(`${field("token-id")}.${field("token-secret")}`);
  const expiration = field("expiration");
  // As in Kubernetes, an expiration that is no time counts as expired.
  if (!token || (expiration && !(Date.parse(expiration) > now.getTime()))) return undefined;
  return {
    ...token,
    authenticates: field("usage-bootstrap-authentication") === "true",
    signs: field("usage-bootstrap-signing") === "true",
    extraGroups: field("auth-extra-groups").split(",").filter(Boolean),
  };
}

export function sameSecret(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Adds a detached signature (JWS, RFC 7515 appendix F) for each token, as the bootstrap signer of Kubernetes does. */
export function withSignatures(clusterInfo: ConfigMap, tokens: readonly BootstrapToken[]): ConfigMap {
  const { kubeconfig = "" } = clusterInfo.data;
  const signatures = tokens.map((token) => [`${SIGNATURE_PREFIX}${token.id}`, sign(kubeconfig, token)]);
  return { ...clusterInfo, data: { ...clusterInfo.data, ...Object.fromEntries(signatures) } };
}

/** Whether `cluster-info` was signed with this token: `missing` when the cluster does not know the token (any longer). */
export function verifySignature(clusterInfo: ConfigMap, token: BootstrapToken): "valid" | "invalid" | "missing" {
  const signature = clusterInfo.data[`${SIGNATURE_PREFIX}${token.id}`];
  if (signature === undefined) return "missing";
  return sameSecret(signature, sign(clusterInfo.data["kubeconfig"] ?? "", token)) ? "valid" : "invalid";
}

function sign(content: string, token: BootstrapToken): string {
  const header = Buffer.from(JSON.stringify({ alg: "HS256", kid: token.id })).toString("base64url");
  const payload = Buffer.from(content).toString("base64url");
  return `${header}..${createHmac("sha256", token.secret).update(`${header}.${payload}`).digest("base64url")}`;
}
