import { apiVersion, collectionPath, RESOURCES } from "./resources.ts";

const ROOT = "/openapi/v3";
/** What kubectl looks for before it applies: whether the server itself checks the fields of what it is sent. */
const FIELD_VALIDATION = { name: "fieldValidation", in: "query", schema: { type: "string" } };

/** The least of OpenAPI that kubectl asks for: which kinds can be patched. Schemas are left out. Undefined for other paths. */
export function describeOpenapi(path: string): unknown {
  const versions = [...new Set(RESOURCES.map(apiVersion))];
  const pathOf = (version: string) => (version.includes("/") ? `apis/${version}` : `api/${version}`);
  if (path === ROOT) {
    const described = versions.map((version) => [pathOf(version), { serverRelativeURL: `${ROOT}/${pathOf(version)}` }]);
    return { paths: Object.fromEntries(described) };
  }
  const version = versions.find((one) => path === `${ROOT}/${pathOf(one)}`);
  if (version === undefined) return undefined;
  const paths = RESOURCES.filter((resource) => apiVersion(resource) === version).map((resource) => [
    `${collectionPath(resource, resource.namespaced ? "{namespace}" : undefined)}/{name}`,
    {
      patch: {
        parameters: [FIELD_VALIDATION],
        responses: {},
        "x-kubernetes-group-version-kind": { group: resource.group, version: resource.version, kind: resource.kind },
      },
    },
  ]);
  const info = { title: "stand-in of the local cloud", version: "0" };
  return { openapi: "3.0.0", info, paths: Object.fromEntries(paths) };
}
