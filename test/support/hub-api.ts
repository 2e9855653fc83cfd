import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { authenticate, type User } from "../../local/image/kubernetes/apiserver/authentication.ts";
import { authorize } from "../../local/image/kubernetes/apiserver/authorization.ts";
import { discover } from "../../local/image/kubernetes/apiserver/discovery.ts";
import { EtcdClient } from "../../local/image/kubernetes/apiserver/etcd-client.ts";
import { describeOpenapi } from "../../local/image/kubernetes/apiserver/openapi.ts";
import { parseResourcePath } from "../../local/image/kubernetes/apiserver/resources.ts";
import { Rest } from "../../local/image/kubernetes/apiserver/rest.ts";
import { withBindings } from "../../local/image/kubernetes/apiserver/service-accounts.ts";
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

function kubeconfigOf(port: number): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "hub", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "hub", user: {} }],
    contexts: [{ name: "hub", context: { cluster: "hub", user: "hub" } }],
    "current-context": "",
  });
}

function tlsOptions({ serving, clientAuthority }: ClusterTls) {
  const { certificate: cert, key } = serving;
  return { cert, key, ca: clientAuthority, requestCert: true, rejectUnauthorized: false };
}

const VERBS = { GET: "get", POST: "create", PUT: "update", DELETE: "delete" } as const;
const ADMIN = { name: "admin", groups: ["kubeadm:cluster-admins"] };

/** With which an API server takes no request without a client's certificate or a token, as a cluster's does. */
export interface ClusterTls {
  readonly serving: { readonly certificate: string; readonly key: string };
  readonly clientAuthority: string;
  readonly serviceAccount: { readonly publicKey: string; readonly key: string };
}

/**
 * The API server of the local hosts, in memory: over plain HTTP that of a hub cluster, for the real kubectl; with `tls` that
 * of a cluster.
 */
export async function startHubApi(tls?: ClusterTls) {
  const storage = new MemoryStorage();
  const signing = tls ? { serviceAccountSigningKey: tls.serviceAccount.key } : {};
  const rest = new Rest({ storage, nodeGracePeriodMs: 0, signingAuthority: { certificate: "", key: "" }, ...signing });
  const writes: string[] = [];
  const userOf = async (request: IncomingMessage) => {
    if (!tls) return ADMIN;
    const { objects } = await storage.list("clusterrolebindings/");
    return withBindings(authenticate(request, tls.serviceAccount.publicKey), objects);
  };
  const answer = async (method: string, url: URL, body: string, user: User = ADMIN) => {
    const document = discover(url.pathname) ?? describeOpenapi(url.pathname);
    if (document) return { code: 200, body: document };
    const path = parseResourcePath(url.pathname);
    const [, verb] = Object.entries(VERBS).find(([known]) => known === method) ?? [];
    if (!path || !verb) throw unknownPath();
    if (method !== "GET") writes.push(`${method} ${url.pathname}`);
    const asked = verb === "get" && path.name === undefined ? "list" : verb;
    authorize(user, { ...path, verb: asked });
    return rest.handle({ ...path, verb: asked }, user, url.searchParams, body === "" ? undefined : JSON.parse(body));
  };
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url ?? "/", "http://hub");
    const content = await text(request);
    const answered = userOf(request).then((user) => answer(request.method ?? "", url, content, user));
    const { code, body } = await answered.catch((error: unknown) => {
      if (!(error instanceof StatusError)) throw error;
      return { code: error.code, body: error };
    });
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  const server = tls ? createTlsServer(tlsOptions(tls), listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    port,
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
    kubeconfig: kubeconfigOf(port),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
