/** A kind of object that the API serves. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** Its `status` is written through the subresource of that name only. */
  readonly hasStatus: boolean;
}

function core(kind: string, singular: string, options: Partial<Resource> = {}): Resource {
  const defaults = { group: "", version: "v1", namespaced: true, shortNames: [], hasStatus: false };
  return { ...defaults, kind, singular, plural: `${singular}s`, ...options };
}

/** Of all of RBAC the API server here looks at these alone, to see whose signing requests are approved. */
export const CLUSTER_ROLE_BINDINGS: Resource = core("ClusterRoleBinding", "clusterrolebinding", {
  group: "rbac.authorization.k8s.io",
  namespaced: false,
});

export const POD_DISRUPTION_BUDGETS: Resource = core("PodDisruptionBudget", "poddisruptionbudget", {
  group: "policy",
  shortNames: ["pdb"],
  hasStatus: true,
});

/** Everything that is kept. A request for another resource is answered with 404, as by a cluster that lacks it. */
export const RESOURCES: readonly Resource[] = [
  core("Namespace", "namespace", { namespaced: false, shortNames: ["ns"] }),
  core("Node", "node", { namespaced: false, shortNames: ["no"], hasStatus: true }),
  core("Secret", "secret"),
  core("ServiceAccount", "serviceaccount", { shortNames: ["sa"] }),
  core("ConfigMap", "configmap", { shortNames: ["cm"] }),
  core("Pod", "pod", { shortNames: ["po"], hasStatus: true }),
  core("Deployment", "deployment", { group: "apps", shortNames: ["deploy"], hasStatus: true }),
  core("DaemonSet", "daemonset", { group: "apps", shortNames: ["ds"], hasStatus: true }),
  core("Lease", "lease", { group: "coordination.k8s.io" }),
  POD_DISRUPTION_BUDGETS,
  CLUSTER_ROLE_BINDINGS,
  // As if SIG Multicluster's definition of it were installed.
  core("ClusterProfile", "clusterprofile", { group: "multicluster.x-k8s.io", version: "v1alpha1", hasStatus: true }),
  core("CertificateSigningRequest", "certificatesigningrequest", {
    group: "certificates.k8s.io",
    namespaced: false,
    shortNames: ["csr"],
    hasStatus: true,
  }),
];

/** `v1` or `coordination.k8s.io/v1`. */
export function apiVersion(resource: Resource): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** The path of a resource's collection: `/api/v1/nodes`, `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases`. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const root = resource.group ? `/apis/${apiVersion(resource)}` : `/api/${resource.version}`;
  return namespace ? `${root}/namespaces/${namespace}/${resource.plural}` : `${root}/${resource.plural}`;
}

export interface ResourcePath {
  readonly resource: Resource;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** What a request's path names; undefined if it is no path of a served resource. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const match = /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)\/(?<rest>.+)$/.exec(path);
  const { group = "", version = "", rest = "" } = match?.groups ?? {};
  const segments = rest.split("/").filter(Boolean).map(decodeURIComponent);
  // `/namespaces/x` is a namespace itself, `/namespaces/x/secrets` is what lies in it.
  const namespace = segments[0] === "namespaces" && segments.length > 2 ? segments[1] : undefined;
  const [plural, name, subresource, ...tooMany] = namespace ? segments.slice(2) : segments;
  const resource = RESOURCES.find(
    (candidate) => candidate.group === group && candidate.version === version && candidate.plural === plural,
  );
  if (!resource || tooMany.length > 0 || (namespace !== undefined && !resource.namespaced)) return undefined;
  return { resource, ...(namespace && { namespace }), ...(name && { name }), ...(subresource && { subresource }) };
}

/** The key below `/registry/` of an object, or the prefix of all of its collection's. Nodes are minions there. */
export function storageKey(resource: Resource, namespace?: string, name?: string): string {
  return `${resource.plural === "nodes" ? "minions" : resource.plural}/${namespace ? `${namespace}/` : ""}${name ?? ""}`;
}
