import { createPrivateKey, sign } from "node:crypto";
import { z } from "zod";
import type { KubernetesObject } from "../common/objects.ts";
import type { User } from "./authentication.ts";

const TokenRequest = z.object({ spec: z.object({ expirationSeconds: z.int().min(600).default(3600) }) });
const DAY_SECONDS = 86_400;

/** The answer of `serviceaccounts/token`: ES256, as authentication.ts reads it. No token lives for more than a year. */
export function issueToken({ metadata }: KubernetesObject, body: unknown, signingKey: string): object {
  const { spec } = TokenRequest.parse(body);
  const seconds = Math.min(spec.expirationSeconds, 365 * DAY_SECONDS);
  const exp = Math.floor(Date.now() / 1000) + seconds;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const sub = `system:serviceaccount:${metadata.namespace}:${metadata.name}`;
  const unsigned = `${part({ alg: "ES256", typ: "JWT" })}.${part({ sub, exp })}`;
  const key = { key: createPrivateKey(signingKey), dsaEncoding: "ieee-p1363" } as const;
  const signature = sign("sha256", Buffer.from(unsigned), key).toString("base64url");
  const status = { token: `${unsigned}.${signature}`, expirationTimestamp: new Date(exp * 1000).toISOString() };
  return { kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1", metadata: {}, spec, status };
}

const Binding = z.looseObject({
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
});

/** A service account that is bound to cluster-admin is an administrator: all of RBAC that is looked at for them. */
export function withBindings(user: User, bindings: readonly KubernetesObject[]): User {
  const isAdmin = bindings.some((binding) => {
    const { roleRef, subjects } = Binding.parse(binding);
    const names = subjects.map(({ kind, namespace, name }) => kind === "ServiceAccount" && `${namespace}:${name}`);
    return roleRef.name === "cluster-admin" && names.some((name) => user.name === `system:serviceaccount:${name}`);
  });
  return isAdmin ? { ...user, groups: [...user.groups, "kubeadm:cluster-admins"] } : user;
}
