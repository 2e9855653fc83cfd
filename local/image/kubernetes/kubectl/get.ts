import { stringify } from "yaml";
import { collectionPath, type Resource } from "../apiserver/resources.ts";
import { type ApiClient, toApiError } from "../common/api-client.ts";
import { UsageError } from "../common/command.ts";
import { type KubernetesObject, kubernetesObjectSchema, objectListSchema } from "../common/objects.ts";
import { printColumns } from "./custom-columns.ts";
import { findResource } from "./resource-names.ts";
import { printTable } from "./table.ts";

export interface GetOptions {
  readonly raw: string | undefined;
  readonly output: string;
  readonly namespace: string;
  readonly allNamespaces: boolean;
  readonly selector: string | undefined;
  readonly showHeader: boolean;
}

/** `kubectl get RESOURCE [NAME]` and `kubectl get --raw PATH`; returns what to print. Throws `ApiError`. */
export async function get(client: ApiClient, args: readonly string[], options: GetOptions): Promise<string> {
  if (options.raw !== undefined) return getRaw(client, options.raw);
  const [type, name, ...rest] = args;
  if (!type || rest.length > 0)
    throw new UsageError("you must specify one type of resource to get, and one name at most");
  const [typeName = type, nameAfterSlash] = type.split("/");
  const resource = findResource(typeName);
  const namespace = resource.namespaced && !options.allNamespaces ? options.namespace : undefined;
  const path = collectionPath(resource, namespace);
  const wanted = name ?? nameAfterSlash;
  if (wanted !== undefined) {
    const object = kubernetesObjectSchema.parse(await client.get(`${path}/${wanted}`));
    return print(resource, [object], object, options);
  }
  const query = options.selector ? `?labelSelector=${encodeURIComponent(options.selector)}` : "";
  const { items } = objectListSchema.parse(await client.get(path + query));
  if (items.length === 0 && !["json", "yaml"].includes(options.output)) {
    process.stderr.write(namespace ? `No resources found in ${namespace} namespace.\n` : "No resources found\n");
    return "";
  }
  return print(resource, items, { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } }, options);
}

async function getRaw(client: ApiClient, path: string): Promise<string> {
  const response = await client.raw("GET", path);
  if (response.status >= 400) throw toApiError(response);
  return response.body;
}

function print(
  resource: Resource,
  objects: readonly KubernetesObject[],
  document: unknown,
  options: GetOptions,
): string {
  const columns = /^custom-columns=(.+)$/s.exec(options.output)?.[1];
  if (columns !== undefined) return printColumns(columns, objects, options.showHeader);
  switch (options.output) {
    case "json":
      return `${JSON.stringify(document, null, 4)}\n`;
    case "yaml":
      return stringify(document);
    case "name":
      return objects
        .map(({ metadata }) => `${resource.singular}${resource.group && `.${resource.group}`}/${metadata.name}\n`)
        .join("");
    case "":
    case "wide":
      return printTable(resource, objects, {
        wide: options.output === "wide",
        showNamespace: resource.namespaced && options.allNamespaces,
        showHeader: options.showHeader,
      });
    default:
      throw new UsageError(
        `unable to match a printer suitable for the output format "${options.output}", allowed formats are: custom-columns,json,name,wide,yaml`,
      );
  }
}
