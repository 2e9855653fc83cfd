import { expect, test } from "vitest";
import type { User } from "./kubernetes/apiserver/authentication.ts";
import { authorize, type Verb } from "./kubernetes/apiserver/authorization.ts";
import { parseResourcePath } from "./kubernetes/apiserver/resources.ts";

const ADMIN: User = { name: "kubernetes-admin", groups: ["kubeadm:cluster-admins", "system:authenticated"] };
const NODE: User = { name: "system:node:i-1", groups: ["system:nodes", "system:authenticated"] };
const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

const SECRETS = "/api/v1/namespaces/kube-system/secrets";
const REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
const BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/kubeadm:cluster-admins";
const CLUSTER_INFO = "/api/v1/namespaces/kube-public/configmaps/cluster-info";

function isAllowed(user: User, verb: Verb, path: string): boolean {
  const parsed = parseResourcePath(path);
  if (!parsed) throw new Error(`no resource at ${path}`);
  try {
    authorize(user, { ...parsed, verb });
    return true;
  } catch {
    return false;
  }
}

test.each<[User, Verb, string, boolean]>([
  [ADMIN, "delete", "/api/v1/nodes/i-1", true],
  [ANONYMOUS, "get", CLUSTER_INFO, false],
  [ANONYMOUS, "list", "/api/v1/nodes", false],
  [NODE, "create", REQUESTS, true],
  [NODE, "get", CLUSTER_INFO, false],
  [NODE, "get", BINDINGS, false],
  [NODE, "patch", "/api/v1/nodes/i-1/status", true],
  [NODE, "patch", "/api/v1/nodes/i-2/status", false],
  [NODE, "update", `${LEASES}/i-1`, true],
  [NODE, "update", `${LEASES}/i-2`, false],
  [NODE, "get", `${SECRETS}/bootstrap-token-abcdef`, false],
])("%o may %s %s: %s", (user, verb, path, expected) => {
  expect(isAllowed(user, verb, path)).toBe(expected);
});

test("a refusal is worded as by Kubernetes", () => {
  const path = parseResourcePath("/api/v1/nodes/i-1");
  if (!path) throw new Error("no resource");
  expect(() => authorize(ANONYMOUS, { ...path, verb: "get" })).toThrow(
    'nodes "i-1" is forbidden: User "system:anonymous" cannot get resource "nodes" in API group "" at the cluster scope',
  );
});
