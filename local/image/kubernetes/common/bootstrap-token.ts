import { randomBytes } from "node:crypto";

/** Bootstrap tokens: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/ */
const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
const LIFETIME_MS = 24 * 3_600_000;

/** A token and the Secret that makes it valid, as `kubeadm init` makes one unless that phase is skipped. */
export function newBootstrapToken(): { readonly token: string; readonly secret: object } {
  const text = (length: number) => [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
  const [id, half] = [text(6), text(16)];
  const fields = {
    "token-id": id,
    "token-secret": half,
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
    expiration: new Date(Date.now() + LIFETIME_MS).toISOString(),
  };
  const encoded = Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(encoded),
  };
  return { token: `${id}.${half}`, secret };
}
