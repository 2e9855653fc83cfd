import { Agent } from "node:https";
import { z } from "zod";
import { messageOf } from "../common/command.ts";
import { exchange } from "../common/https.ts";

/**
 * etcd's client of the real API server gives a connection up after ten seconds without an answer. Until then its
 * requests hang; a put that a dying leader swallowed is answered after seven.
 */
const TRY_TIMEOUT_MS = 10_000;
/** A member that refuses is asked again after a moment; afterwards the caller must know. */
const ROUNDS = 2;
const PAUSE_BETWEEN_ROUNDS_MS = 100;

/** 64-bit numbers are decimal strings in the gateway's JSON; empty fields are absent. */
const headerSchema = z.looseObject({ revision: z.string().default("0") });
const keyValueSchema = z.object({ key: z.string(), value: z.string().default(""), mod_revision: z.string() });
const rangeSchema = z.object({ header: headerSchema, kvs: z.array(keyValueSchema).default([]) });
const transactionSchema = z.object({
  header: headerSchema,
  succeeded: z.boolean().default(false),
  responses: z.array(z.looseObject({ response_range: rangeSchema.partial({ header: true }).optional() })).default([]),
});

export type RangeResponse = z.infer<typeof rangeSchema>;
export type TransactionResponse = z.infer<typeof transactionSchema>;

/** No member of etcd answered in time. */
export class EtcdUnavailableError extends Error {
  override readonly name = "EtcdUnavailableError";
}

const keySchema = z.object({
  key: z.string().optional(),
  compare: z.array(z.looseObject({ key: z.string() })).default([]),
});

/** `nodes` of a request about `/registry/nodes/…`. */
function resourceOf(request: unknown): string {
  const { key, compare } = keySchema.parse(request);
  return (
    Buffer.from(key ?? compare[0]?.key ?? "", "base64")
      .toString()
      .split("/")[2] ?? ""
  );
}

/**
 * etcd's v3 API through its JSON gateway. As in the real API server each resource has a connection of its own, to one
 * of the members, and continues to the next one only when that fails: of a member that refuses at once, of a silent one
 * after ten seconds.
 */
export class EtcdClient {
  readonly #endpoints: readonly string[];
  readonly #agent: Agent;
  readonly #members = new Map<string, number>();

  constructor(endpoints: readonly string[], tls: { ca: string; cert: string; key: string }) {
    this.#endpoints = endpoints;
    this.#agent = new Agent({ keepAlive: true, ...tls });
  }

  /** A linearizable read; `request` as in `etcdserverpb.RangeRequest`, keys in Base64. */
  async range(request: Record<string, unknown>): Promise<RangeResponse> {
    return rangeSchema.parse(await this.#call("/v3/kv/range", request));
  }

  /**
   * Runs a transaction. It may be executed twice, when the answer to the first attempt was lost: the caller
   * recognises its own write by the value that it finds.
   */
  async transaction(request: Record<string, unknown>): Promise<TransactionResponse> {
    return transactionSchema.parse(await this.#call("/v3/kv/txn", request));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #call(path: string, request: unknown): Promise<unknown> {
    const failures: string[] = [];
    const attempts = ROUNDS * this.#endpoints.length;
    const resource = resourceOf(request);
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt === this.#endpoints.length) await new Promise((done) => setTimeout(done, PAUSE_BETWEEN_ROUNDS_MS));
      // Resources are spread over the members in the order in which they are first asked for.
      const index = this.#members.get(resource) ?? this.#members.size % this.#endpoints.length;
      this.#members.set(resource, index);
      try {
        return await this.#callEndpoint(this.#endpoints[index] ?? "", path, request);
      } catch (error) {
        failures.push(messageOf(error));
        // Requests run side by side: only the first one that fails here moves everybody on.
        if (this.#members.get(resource) === index) this.#members.set(resource, (index + 1) % this.#endpoints.length);
      }
    }
    throw new EtcdUnavailableError(`etcd is unavailable: ${[...new Set(failures)].join("; ")}`);
  }

  async #callEndpoint(endpoint: string, path: string, request: unknown): Promise<unknown> {
    const response = await exchange({
      method: "POST",
      url: new URL(path, endpoint),
      agent: this.#agent,
      body: JSON.stringify(request),
      timeoutMs: TRY_TIMEOUT_MS,
    });
    if (response.status !== 200) throw new Error(`${endpoint}: HTTP ${response.status} ${response.body.trim()}`);
    return JSON.parse(response.body);
  }
}
