import { type KubernetesObject, kubernetesObjectSchema } from "../common/objects.ts";
import type { EtcdClient } from "./etcd-client.ts";

const ROOT = "/registry/";

export type WriteResult =
  | { readonly written: true; readonly object: KubernetesObject }
  /** Somebody else wrote in between, or the object exists (or does not) against expectation. */
  | { readonly written: false };

/** Kubernetes objects as JSON under `/registry/` in etcd. An object's `resourceVersion` is its key's modification revision. */
export class Storage {
  readonly #etcd: EtcdClient;

  constructor(etcd: EtcdClient) {
    this.#etcd = etcd;
  }

  /** Throws `EtcdUnavailableError` unless a linearizable read succeeds: a member has quorum. */
  async checkHealth(): Promise<void> {
    await this.#etcd.range({ key: encode(`${ROOT}health`), count_only: true });
  }

  async get(key: string): Promise<KubernetesObject | undefined> {
    const { kvs } = await this.#etcd.range({ key: encode(ROOT + key) });
    return kvs[0] && decode(kvs[0]);
  }

  /** All objects whose key starts with `prefix`, in the order of their keys, and the revision of this state. */
  async list(prefix: string): Promise<{ objects: KubernetesObject[]; revision: string }> {
    const end = ROOT + prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const { kvs, header } = await this.#etcd.range({ key: encode(ROOT + prefix), range_end: encode(end) });
    return { objects: kvs.map(decode), revision: header.revision };
  }

  /** Writes if the object is still at `expected`, a resource version, or does not exist yet (`absent`). */
  async put(key: string, object: KubernetesObject, expected: string): Promise<WriteResult> {
    const value = encode(JSON.stringify(withVersion(object, undefined)));
    const path = encode(ROOT + key);
    const answer = await this.#etcd.transaction({
      compare: [compare(path, expected)],
      success: [{ request_put: { key: path, value } }],
      failure: [{ request_range: { key: path } }],
    });
    if (answer.succeeded) return { written: true, object: withVersion(object, answer.header.revision) };
    const found = answer.responses[0]?.response_range?.kvs[0];
    // An equal value is our own write, whose first answer got lost, or one that changes nothing.
    return found?.value === value ? { written: true, object: decode(found) } : { written: false };
  }

  /** Deletes if the object is still at the resource version `expected`. */
  async delete(key: string, expected: string): Promise<boolean> {
    const path = encode(ROOT + key);
    const answer = await this.#etcd.transaction({
      compare: [compare(path, expected)],
      success: [{ request_delete_range: { key: path } }],
      failure: [{ request_range: { key: path } }],
    });
    return answer.succeeded || (answer.responses[0]?.response_range?.kvs ?? []).length === 0;
  }
}

function compare(path: string, expected: string) {
  return expected === "absent"
    ? { key: path, target: "CREATE", result: "EQUAL", create_revision: "0" }
    : { key: path, target: "MOD", result: "EQUAL", mod_revision: expected };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(entry: { value: string; mod_revision: string }): KubernetesObject {
  const object = kubernetesObjectSchema.parse(JSON.parse(Buffer.from(entry.value, "base64").toString()));
  return withVersion(object, entry.mod_revision);
}

function withVersion(object: KubernetesObject, resourceVersion: string | undefined): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
