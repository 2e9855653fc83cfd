import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { discover } from "../../local/image/kubernetes/apiserver/discovery.ts";
import { EtcdClient } from "../../local/image/kubernetes/apiserver/etcd-client.ts";
import { describeOpenapi } from "../../local/image/kubernetes/apiserver/openapi.ts";
import { parseResourcePath } from "../../local/image/kubernetes/apiserver/resources.ts";
import { Rest } from "../../local/image/kubernetes/apiserver/rest.ts";
import { StatusError, unknownPath } from "../../local/image/kubernetes/apiserver/status.ts";
import { Storage, type WriteResult } from "../../local/image/kubernetes/apiserver/storage.ts";
import type { KubernetesObject } from "../../local/image/kubernetes/common/objects.ts";

/** As the storage of the local hosts' API server, without etcd. */
class MemoryStorage extends Storage {
  readonly objects = new Map<string, KubernetesObject>();
  #revision = 0;

  constructor() {
    super(new EtcdClient([], { ca: "", cert: "", key: "" }));
  }

  override async get(key: string) {
    return this.objects.get(key);
  }

  override async list(prefix: string) {
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix)).toSorted();
    return { objects: found.map(([, object]) => object), revision: String(this.#revision) };
  }

  override async put(key: string, object: KubernetesObject, expected: string): Promise<WriteResult> {
    if ((this.objects.get(key)?.metadata.resourceVersion ?? "absent") !== expected) return { written: false };
    const resourceVersion = String(++this.#revision);
    const next = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion } });
    this.objects.set(key, next);
    return { written: true, object: next };
  }

  override async delete(key: string) {
    return this.objects.delete(key);
  }
}

const VERBS = { GET: "get", POST: "create", PUT: "update", DELETE: "delete" } as const;
const ADMIN = { name: "admin", groups: ["kubeadm:cluster-admins"] };

/** The API server of a hub cluster, for the real kubectl: the one of the local hosts, over plain HTTP and in memory. */
export async function startHubApi() {
  const storage = new MemoryStorage();
  const rest = new Rest({ storage, nodeGracePeriodMs: 0, signingAuthority: { certificate: "", key: "" } });
  const writes: string[] = [];
  const answer = async (method: string, url: URL, body: string) => {
    const document = discover(url.pathname) ?? describeOpenapi(url.pathname);
    if (document) return { code: 200, body: document };
    const path = parseResourcePath(url.pathname);
    const [, verb] = Object.entries(VERBS).find(([known]) => known === method) ?? [];
    if (!path || !verb) throw unknownPath();
    if (method !== "GET") writes.push(`${method} ${url.pathname}`);
    const asked = verb === "get" && path.name === undefined ? "list" : verb;
    return rest.handle({ ...path, verb: asked }, ADMIN, url.searchParams, body === "" ? undefined : JSON.parse(body));
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://hub");
    const { code, body } = await answer(request.method ?? "", url, await text(request)).catch((error: unknown) => {
      if (!(error instanceof StatusError)) throw error;
      return { code: error.code, body: error };
    });
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const url = typeof address === "object" && address ? `http://127.0.0.1:${address.port}` : "";
  return {
    /** What was asked for but reads, in order. */
    writes,
    objects: (plural: string) =>
      [...storage.objects].filter(([key]) => key.startsWith(`${plural}/`)).map(([, each]) => each),
    /** Of all objects, as if time had gone by. */
    annotate: (annotations: Readonly<Record<string, string>>) => {
      for (const [key, object] of storage.objects) {
        const { metadata } = object;
        const former = z.record(z.string(), z.unknown()).parse(metadata["annotations"]);
        storage.objects.set(key, { ...object, metadata: { ...metadata, annotations: { ...former, ...annotations } } });
      }
    },
    create: (path: string, object: object) => answer("POST", new URL(path, "http://hub"), JSON.stringify(object)),
    kubeconfig: JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "hub", cluster: { server: url } }],
      users: [{ name: "hub", user: {} }],
      contexts: [{ name: "hub", context: { cluster: "hub", user: "hub" } }],
      "current-context": "",
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
