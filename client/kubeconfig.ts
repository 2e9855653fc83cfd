import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Document, isMap, isSeq, parseDocument, YAMLSeq } from "yaml";
import { CommandFailed } from "./api-errors.ts";
import { type ExecPlugin, execUser } from "./exec-credential.ts";
import { EXIT } from "./exit-codes.ts";

/** What lets somebody into a cluster. All but the key came from the API. */
export interface Access {
  readonly cluster: string;
  readonly server: string;
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly key: string;
  /** In place of certificate and key. */
  readonly plugin?: ExecPlugin;
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** A kubeconfig with these clusters. Cluster, user and context have its name, as kops gives them. The first is current. */
export function kubeconfigOf(...accesses: readonly Access[]) {
  const entries = accesses.map(({ cluster: name, server, certificateAuthority, certificate, key, plugin }) => ({
    cluster: { name, cluster: { server, "certificate-authority-data": base64(certificateAuthority) } },
    user: {
      name,
      user: plugin
        ? execUser(plugin)
        : { "client-certificate-data": base64(certificate), "client-key-data": base64(key) },
    },
    context: { name, context: { cluster: name, user: name } },
  }));
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: entries.map(({ cluster }) => cluster),
    users: entries.map(({ user }) => user),
    contexts: entries.map(({ context }) => context),
    "current-context": accesses[0]?.cluster ?? "",
  };
}

/**
 * Adds clusters to a kubeconfig and makes the first current; other content and comments are kept. A new file is readable
 * by its owner only. Throws CommandFailed, without a change, if it is no kubeconfig.
 */
export async function mergeKubeconfig(file: string, ...accesses: readonly Access[]): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const text = await readFile(target, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw new CommandFailed(`${file} cannot be read: ${error.code}`, EXIT.failed);
  });
  const document = parseDocument(text);
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) {
    throw new CommandFailed(
      `${file} is not a kubeconfig, and was left as it is; name another with --kubeconfig`,
      EXIT.failed,
    );
  }
  const { clusters, users, contexts, ...own } = kubeconfigOf(...accesses);
  for (const [field, value] of Object.entries(own)) document.set(field, value);
  for (const [field, entries] of Object.entries({ clusters, users, contexts }))
    for (const entry of entries) putByName(document, field, entry);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.holdfast-${process.pid}`;
  await writeFile(temporary, document.toString(), { mode: 0o600 });
  await rename(temporary, target);
}

function putByName(document: Document, field: string, entry: { readonly name: string }): void {
  const known = document.get(field, true);
  const list = isSeq(known) ? known : new YAMLSeq();
  if (list !== known) document.set(field, list);
  const index = list.items.findIndex((item) => isMap(item) && item.get("name") === entry.name);
  const node = document.createNode(entry);
  if (index === -1) list.add(node);
  else list.set(index, node);
}
