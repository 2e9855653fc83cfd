import { Agent, request } from "node:https";
import * as z from "zod";

/** What a client of etcd shows and trusts, as PEM. */
export interface ClientCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Revisions and ids exceed 2^53: etcd's JSON has them as strings. */
const Header = z.object({ revision: z.string().transform(BigInt) });
const Range = z.object({
  header: Header,
  kvs: z.array(z.object({ key: z.string(), value: z.string().optional() })).default([]),
});
const Put = z.object({ header: Header });
const Txn = z.object({ header: Header, succeeded: z.boolean().default(false) });
const Status = z.object({
  header: z.object({ cluster_id: z.string(), member_id: z.string(), raft_term: z.string() }),
  leader: z.string().default("0"),
  isLearner: z.boolean().default(false),
});
const Members = z.object({
  members: z.array(z.object({ name: z.string().default(""), isLearner: z.boolean().default(false) })),
});
export type EtcdStatus = z.output<typeof Status>;

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString();
}

/** The first key after all that begin with this prefix (etcd's `range_end`). */
function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/**
 * One member of etcd over TLS, by its JSON gateway, on connections that are kept. Any failure, and no answer in time, is
 * an error that says nothing about whether the request took effect.
 */
export class EtcdClient {
  readonly #port: number;
  readonly #agent: Agent;

  constructor(port: number, certificates: ClientCertificates) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive: true, ...certificates });
  }

  async put(key: string, value: string, withinMs: number): Promise<{ revision: bigint }> {
    const { header } = Put.parse(await this.#call("kv/put", { key: encode(key), value: encode(value) }, withinMs));
    return header;
  }

  /** Linearizable, as etcd's reads are unless asked otherwise. */
  async get(key: string, withinMs: number): Promise<{ value: string | null; revision: bigint }> {
    const { header, kvs } = Range.parse(await this.#call("kv/range", { key: encode(key) }, withinMs));
    const [found] = kvs;
    return { value: found === undefined ? null : decode(found.value ?? ""), revision: header.revision };
  }

  async getAll(prefix: string, withinMs: number): Promise<Map<string, string>> {
    const body = { key: encode(prefix), range_end: encode(endOf(prefix)) };
    const { kvs } = Range.parse(await this.#call("kv/range", body, withinMs));
    return new Map(kvs.map(({ key, value = "" }) => [decode(key), decode(value)]));
  }

  /** Writes `value` if the key holds `expected`; null means that there is no such key. */
  async cas(key: string, expected: string | null, value: string, withinMs: number): Promise<{ swapped: boolean }> {
    const is = expected === null ? { target: "VERSION", version: "0" } : { target: "VALUE", value: encode(expected) };
    const body = {
      compare: [{ key: encode(key), result: "EQUAL", ...is }],
      success: [{ requestPut: { key: encode(key), value: encode(value) } }],
    };
    return { swapped: Txn.parse(await this.#call("kv/txn", body, withinMs)).succeeded };
  }

  async status(withinMs: number): Promise<EtcdStatus> {
    return Status.parse(await this.#call("maintenance/status", {}, withinMs));
  }

  /** Names of members that vote, and of learners, as this member knows them: it asks no other. */
  async members(withinMs: number): Promise<{ voters: string[]; learners: string[] }> {
    const { members } = Members.parse(await this.#call("cluster/member/list", { linearizable: false }, withinMs));
    const namesOf = (isLearner: boolean) =>
      members.filter((member) => member.isLearner === isLearner).map(({ name }) => name);
    return { voters: namesOf(false), learners: namesOf(true) };
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(path: string, body: object, withinMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.#port, path: `/v3/${path}`, method: "POST", agent: this.#agent };
      const call = request({ ...options, signal: AbortSignal.timeout(withinMs) }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`etcd answered ${response.statusCode}: ${text.slice(0, 200)}`));
        });
      });
      call.once("error", reject);
      call.end(JSON.stringify(body));
    });
  }
}
