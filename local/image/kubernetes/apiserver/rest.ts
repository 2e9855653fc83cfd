import { randomBytes, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { type KubernetesObject, kubernetesObjectSchema } from "../common/objects.ts";
import type { User } from "./authentication.ts";
import type { ResourceRequest } from "./authorization.ts";
import { approveRequest, recordRequest, type SigningAuthority } from "./certificate-signing.ts";
import { listDaemonPods } from "./daemon-pods.ts";
import { checkEviction } from "./evictions.ts";
import { mergePatch } from "./merge-patch.ts";
import { evaluateNodes } from "./nodes.ts";
import { apiVersion, CLUSTER_ROLE_BINDINGS, type Resource, type ResourcePath, storageKey } from "./resources.ts";
import { parseSelectors } from "./selectors.ts";
import { issueToken } from "./service-accounts.ts";
import { alreadyExists, badRequest, conflict, invalid, methodNotAllowed, notFound, StatusError } from "./status.ts";
import type { Storage } from "./storage.ts";

/** RFC 1123 subdomain, the rule for most names in Kubernetes. */
const NAME_PATTERN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
/** Objects of RBAC may bear any name that fits into a path. */
const RBAC_NAME_PATTERN = /^(?!\.\.?$)[^/%]+$/;
/** A patch that loses against other writers is tried again, as often as the real server does. */
const WRITE_ATTEMPTS = 5;

export interface RestOptions {
  readonly storage: Storage;
  readonly signingAuthority: SigningAuthority;
  /** PEM; without it no tokens are issued. */
  readonly serviceAccountSigningKey?: string;
  readonly nodeGracePeriodMs: number;
}

export interface Answer {
  readonly code: number;
  readonly body: unknown;
}

type NamedPath = ResourcePath & { readonly name: string };

/** The generic verbs of the API over `Storage`, with what distinguishes nodes and signing requests. */
export class Rest {
  readonly #storage: Storage;
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#storage = options.storage;
    this.#options = options;
  }

  /** Executes an authorized request. Throws `StatusError`. */
  async handle(request: ResourceRequest, user: User, query: URLSearchParams, body: unknown): Promise<Answer> {
    if (request.subresource === "eviction" && request.verb === "create") return await this.#evict(request);
    if (request.subresource === "token" && request.verb === "create") return await this.#issueToken(request, body);
    if (request.subresource && !(request.subresource === "status" && request.resource.hasStatus)) {
      throw methodNotAllowed(`subresource ${request.subresource} is not served by the stand-in of the local cloud`);
    }
    if (request.verb === "list") return { code: 200, body: await this.#list(request, query) };
    if (request.verb === "create") return { code: 201, body: await this.#create(request, user, body) };
    const { name } = request;
    if (!name) throw methodNotAllowed();
    const path = { ...request, name };
    switch (request.verb) {
      case "get":
        return { code: 200, body: await this.#get(path) };
      case "update":
        return { code: 200, body: await this.#update(path, parseObject(body)) };
      case "patch":
        return { code: 200, body: await this.#patch(path, body) };
      case "apply":
        return this.#apply(path, user, body);
      case "delete":
        return { code: 200, body: await this.#delete(path) };
    }
  }

  async #get(path: NamedPath): Promise<KubernetesObject> {
    const object = await this.#read(path);
    if (path.resource.kind === "Node") {
      const [node = object] = await evaluateNodes([object], this.#storage, this.#options.nodeGracePeriodMs);
      return node;
    }
    return path.resource.kind === "CertificateSigningRequest" ? await this.#approve(path, object) : object;
  }

  /** Looked at each time that somebody asks: a binding may have come since. */
  async #approve(path: NamedPath, object: KubernetesObject): Promise<KubernetesObject> {
    const { objects } = await this.#storage.list(storageKey(CLUSTER_ROLE_BINDINGS));
    const approved = await approveRequest(object, objects, this.#options.signingAuthority);
    if (!approved) return object;
    const result = await this.#storage.put(keyOf(path), approved, object.metadata.resourceVersion ?? "");
    return result.written ? result.object : await this.#read(path);
  }

  async #list({ resource, namespace }: ResourcePath, query: URLSearchParams): Promise<unknown> {
    const isSelected = parseSelectors(query);
    const { objects, revision } = await this.#storage.list(storageKey(resource, namespace));
    const made = resource.kind === "Pod" ? await listDaemonPods(this.#storage, resource, namespace) : [];
    const selected = [...objects, ...made].filter(isSelected);
    const items =
      resource.kind === "Node"
        ? await evaluateNodes(selected, this.#storage, this.#options.nodeGracePeriodMs)
        : selected;
    return {
      kind: `${resource.kind}List`,
      apiVersion: apiVersion(resource),
      metadata: { resourceVersion: revision },
      items,
    };
  }

  async #create({ resource, namespace }: ResourcePath, user: User, body: unknown): Promise<KubernetesObject> {
    const given = parseObject(body);
    const { name, metadata } = newMetadata(resource, namespace, given);
    const object = identify(resource, { ...given, metadata });
    const admitted = resource.kind === "CertificateSigningRequest" ? await recordRequest(object, user) : object;
    const result = await this.#storage.put(storageKey(resource, namespace, name), admitted, "absent");
    if (!result.written) throw alreadyExists(resource, name);
    return result.object;
  }

  async #update(path: NamedPath, given: KubernetesObject): Promise<KubernetesObject> {
    const current = await this.#read(path);
    const expected = given.metadata.resourceVersion ?? current.metadata.resourceVersion ?? "";
    const result = await this.#write(path, current, given, expected);
    if (!result) throw conflict(path.resource, path.name);
    return result;
  }

  async #patch(path: NamedPath, patch: unknown): Promise<KubernetesObject> {
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const current = await this.#read(path);
      const patched = parseObject(mergePatch(current, patch));
      const result = await this.#write(path, current, patched, patched.metadata.resourceVersion ?? "");
      if (result) return result;
    }
    throw conflict(path.resource, path.name);
  }

  /**
   * Server-side apply: creates the object, or merges into it. The real server keeps who owns which field, so that what
   * an owner leaves out goes; here it stays.
   */
  async #apply(path: NamedPath, user: User, body: unknown): Promise<Answer> {
    try {
      return { code: 200, body: await this.#patch(path, body) };
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== 404) throw error;
      return { code: 201, body: await this.#create(path, user, body) };
    }
  }

  async #delete(path: NamedPath): Promise<unknown> {
    const { resource, name } = path;
    for (let attempt = 0; attempt < WRITE_ATTEMPTS; attempt++) {
      const { metadata } = await this.#read(path);
      if (await this.#storage.delete(keyOf(path), metadata.resourceVersion ?? "")) {
        const details = { name, group: resource.group, kind: resource.plural, uid: metadata.uid };
        return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
      }
    }
    throw conflict(resource, name);
  }

  /** The pod is gone at once, since nothing runs it. */
  async #evict({ resource, namespace = "", name = "" }: ResourceRequest): Promise<Answer> {
    const path = { resource, namespace, name };
    await checkEviction(this.#storage, namespace, await this.#read(path));
    return { code: 201, body: await this.#delete(path) };
  }

  async #issueToken({ resource, namespace = "", name = "" }: ResourceRequest, body: unknown): Promise<Answer> {
    const account = await this.#read({ resource, namespace, name });
    const { serviceAccountSigningKey } = this.#options;
    if (resource.kind !== "ServiceAccount" || serviceAccountSigningKey === undefined) throw methodNotAllowed();
    return { code: 201, body: issueToken(account, body, serviceAccountSigningKey) };
  }

  async #read(path: NamedPath): Promise<KubernetesObject> {
    const object = await this.#storage.get(keyOf(path));
    if (!object) throw notFound(path.resource, path.name);
    return object;
  }

  /** Undefined when somebody else wrote since `expected`. */
  async #write(path: NamedPath, current: KubernetesObject, wanted: KubernetesObject, expected: string) {
    const { name, namespace, uid, creationTimestamp } = current.metadata;
    const metadata = { ...wanted.metadata, name, namespace, uid, creationTimestamp };
    const object = path.resource.hasStatus ? separateStatus(path, current, wanted) : wanted;
    const next = identify(path.resource, { ...object, metadata });
    // What changes nothing is not written, and keeps its version.
    if (expected === current.metadata.resourceVersion && isSame(next, current)) return current;
    const result = await this.#storage.put(keyOf(path), next, expected);
    return result.written ? result.object : undefined;
  }
}

/** Through `status` only the status changes, through the object everything else. */
function separateStatus(path: NamedPath, current: KubernetesObject, wanted: KubernetesObject): KubernetesObject {
  return path.subresource === "status"
    ? { ...current, status: wanted["status"] }
    : { ...wanted, status: current["status"] };
}

/** But for their versions, as they would be stored: without what is undefined. */
function isSame(next: KubernetesObject, current: KubernetesObject): boolean {
  const stored = (object: KubernetesObject): unknown =>
    JSON.parse(JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: undefined } }));
  return isDeepStrictEqual(stored(next), stored(current));
}

function keyOf({ resource, namespace, name }: NamedPath): string {
  return storageKey(resource, namespace, name);
}

function parseObject(body: unknown): KubernetesObject {
  const object = kubernetesObjectSchema.safeParse(body);
  if (!object.success) throw badRequest(`the object provided is unrecognized: ${z.prettifyError(object.error)}`);
  return object.data;
}

function identify(resource: Resource, object: KubernetesObject): KubernetesObject {
  return { ...object, kind: resource.kind, apiVersion: apiVersion(resource) };
}

function newMetadata(resource: Resource, namespace: string | undefined, { metadata }: KubernetesObject) {
  const name = metadata.name ?? (metadata.generateName && `${metadata.generateName}${randomBytes(3).toString("hex")}`);
  if (!name) throw invalid(resource, "", "metadata.name: Required value: name or generateName is required");
  const pattern = resource === CLUSTER_ROLE_BINDINGS ? RBAC_NAME_PATTERN : NAME_PATTERN;
  if (!pattern.test(name)) {
    throw invalid(
      resource,
      name,
      `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain is required`,
    );
  }
  if (resource.namespaced && !namespace) throw badRequest("an empty namespace may not be set during creation");
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  const created = { uid: randomUUID(), creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z") };
  return { name, metadata: { ...metadata, name, namespace, ...created, resourceVersion: undefined } };
}
