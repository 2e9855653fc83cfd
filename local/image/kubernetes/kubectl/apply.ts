import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { apiVersion, collectionPath, RESOURCES } from "../apiserver/resources.ts";
import type { ApiClient } from "../common/api-client.ts";
import { UsageError } from "../common/command.ts";
import { type KubernetesObject, kubernetesObjectSchema } from "../common/objects.ts";

const STANDARD_INPUT = 0;

/**
 * `kubectl apply --server-side -f FILE` (`-` is standard input); returns what to print. Throws `ApiError`.
 */
export async function apply(client: ApiClient, file: string | undefined, namespace: string): Promise<string> {
  if (file === undefined) throw new UsageError("must specify -f");
  let said = "";
  for (const given of read(file)) {
    if (given !== null) said += await applyObject(client, kubernetesObjectSchema.parse(given), namespace);
  }
  return said;
}

function read(file: string): unknown[] {
  const text = readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");
  return parseAllDocuments(text).map((document): unknown => document.toJS());
}

async function applyObject(client: ApiClient, object: KubernetesObject, namespace: string): Promise<string> {
  const { kind, metadata } = object;
  const resource = RESOURCES.find((one) => one.kind === kind && apiVersion(one) === object.apiVersion);
  if (!resource) throw new UsageError(`no matches for kind "${kind}" in version "${object.apiVersion}"`);
  const path = collectionPath(resource, resource.namespaced ? (metadata.namespace ?? namespace) : undefined);
  await client.apply(`${path}/${metadata.name}`, object);
  return `${resource.plural}${resource.group && `.${resource.group}`}/${metadata.name} serverside-applied\n`;
}
