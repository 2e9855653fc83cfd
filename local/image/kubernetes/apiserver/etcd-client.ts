import { Agent } from "node:https";
import { z } from "zod";
import { messageOf } from "../common/command.ts";
import { exchange } from "../common/https.ts";

/** A put that its member's dying leader swallowed is answered after 7 s (feasibility-hosts §2): never wait for that. */
const TRY_TIMEOUT_MS = 700;
/** Two rounds over three members outlast an election (about 1 s); afterwards the caller must know. */
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

/**
 * etcd's v3 API through its JSON gateway. Stays with the member that answered last and goes on to the next one as soon
 * as it fails, so that a dead member (also the local one) costs one request 700 ms at most, and later ones nothing.
 */
export class EtcdClient {
  readonly #endpoints: readonly string[];
  readonly #agent: Agent;
  #preferred = 0;

  constructor(endpoints: readonly string[], tls: { ca: string; cert: string; key: string }) {
    this.#endpoints = endpoints;
    this.#agent = new Agent({ keepAlive: true, ...tls });
  }

  /** A linearizable read; `request` as in `etcdserverpb.RangeRequest`, keys in Base64. */
  async range(request: Record<string, unknown>): Promise<RangeResponse> {
    return rangeSchema.parse(await this.#call("/v3/kv/range", request));
  }

  /**
   * Runs a transaction. It may be carried out twice, when the answer to the first attempt was lost: the caller
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
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt === this.#endpoints.length) await new Promise((done) => setTimeout(done, PAUSE_BETWEEN_ROUNDS_MS));
      const index = this.#preferred;
      try {
        return await this.#callEndpoint(this.#endpoints[index] ?? "", path, request);
      } catch (error) {
        failures.push(messageOf(error));
        // Requests run side by side: only the first one that fails here moves everybody on.
        if (this.#preferred === index) this.#preferred = (index + 1) % this.#endpoints.length;
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
