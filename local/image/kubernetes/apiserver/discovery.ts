import { apiVersion, RESOURCES } from "./resources.ts";

/** By this kubectl sees whether pods can be evicted. */
const EVICTION = {
  ...{ name: "pods/eviction", singularName: "", namespaced: true },
  ...{ group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] },
};

const VERBS = ["create", "delete", "get", "list", "patch", "update"];

/** What clients such as kubectl read first: which groups and resources there are. Undefined for other paths. */
export function discover(path: string): unknown {
  const groups = [...new Set(RESOURCES.map(({ group }) => group))].filter(Boolean);
  if (path === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(describeGroup) };
  const groupVersion = /^\/(?:api|apis)\/(.+)$/.exec(path)?.[1];
  const resources = RESOURCES.filter((resource) => apiVersion(resource) === groupVersion);
  if (resources.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion,
    resources: [
      ...resources.map(({ plural, singular, kind, namespaced, shortNames }) => {
        return { name: plural, singularName: singular, namespaced, kind, shortNames, verbs: VERBS };
      }),
      ...(groupVersion === "v1" ? [EVICTION] : []),
    ],
  };
}

function describeGroup(name: string) {
  const { version: served = "v1" } = RESOURCES.find(({ group }) => group === name) ?? {};
  const version = { groupVersion: `${name}/${served}`, version: served };
  return { name, versions: [version], preferredVersion: version };
}
