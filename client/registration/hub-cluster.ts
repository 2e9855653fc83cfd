import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { parseJson } from "../../functions/domain/text/parse-json.ts";
import { CommandFailed } from "../api-errors.ts";
import { EXIT } from "../exit-codes.ts";

/** An object of Kubernetes' API, as far as it matters here. */
export const HubObject = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    resourceVersion: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});
export type HubObject = z.output<typeof HubObject>;
const HubList = z.looseObject({ items: z.array(HubObject) });
const Status = z.looseObject({ message: z.string() });

export interface HubOptions {
  /** Null: the kubeconfig's own. */
  readonly context: string | null;
  readonly kubeconfig: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const START_MS = 15_000;

/**
 * The API of another cluster, as whoever the user's kubeconfig says. `kubectl proxy` does the rest: it knows every way
 * to sign in. Its socket is one that only this user can open.
 */
export class HubCluster implements AsyncDisposable {
  readonly #proxy: ChildProcess;
  readonly #folder: string;

  private constructor(proxy: ChildProcess, folder: string) {
    this.#proxy = proxy;
    this.#folder = folder;
  }

  /** Throws CommandFailed if there is no kubectl, or none that reaches the cluster's proxy. */
  static async open({ context, kubeconfig, environment }: HubOptions): Promise<HubCluster> {
    const folder = await mkdtemp(join(tmpdir(), "holdfast-hub-"));
    const flags = [
      ...(context === null ? [] : ["--context", context]),
      ...(kubeconfig === null ? [] : ["--kubeconfig", kubeconfig]),
    ];
    const proxy = spawn("kubectl", [...flags, "proxy", "--unix-socket", join(folder, "socket")], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const hub = new HubCluster(proxy, folder);
    try {
      await started(proxy);
      return hub;
    } catch (error) {
      await hub[Symbol.asyncDispose]();
      throw error;
    }
  }

  async list(path: string, labels: Readonly<Record<string, string>>): Promise<HubObject[]> {
    const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return HubList.parse(await this.#send("GET", `${path}?labelSelector=${encodeURIComponent(selector.join(","))}`))
      .items;
  }

  async create(path: string, object: object): Promise<HubObject> {
    return HubObject.parse(await this.#send("POST", path, object));
  }

  /** Refused if somebody else has written since it was read: `metadata.resourceVersion` says of what it is a change. */
  async replace(path: string, object: object): Promise<HubObject> {
    return HubObject.parse(await this.#send("PUT", path, object));
  }

  async delete(path: string): Promise<void> {
    await this.#send("DELETE", path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    const { status, document } = await this.#request(method, path, body === undefined ? "" : JSON.stringify(body));
    if (status < 400) return document;
    const why = Status.safeParse(document).data?.message ?? `status ${status}`;
    throw new CommandFailed(
      `the hub cluster refuses ${method} ${path}: ${why}`,
      status === 409 ? EXIT.conflict : EXIT.failed,
    );
  }

  #request(method: string, path: string, body: string): Promise<{ status: number; document: unknown }> {
    return new Promise((resolve, reject) => {
      const headers = { accept: "application/json", ...(body === "" ? {} : { "content-type": "application/json" }) };
      const asked = request({ socketPath: join(this.#folder, "socket"), host: "localhost", method, path, headers });
      asked.once("error", (error) => reject(new CommandFailed(`kubectl proxy: ${error.message}`, EXIT.failed)));
      asked.once("response", (answer) => {
        text(answer).then(
          (content) => resolve({ status: answer.statusCode ?? 500, document: parseJson(content) }),
          reject,
        );
      });
      asked.end(body);
    });
  }
}

/** Resolves when kubectl serves; rejects with what it complained of. */
function started(proxy: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string) => reject(new CommandFailed(why, EXIT.failed));
    const timer = setTimeout(() => fail(`kubectl proxy does not start: ${said.trim()}`), START_MS);
    proxy.once("error", ({ message }) => fail(`kubectl is needed to reach the hub cluster: ${message}`));
    proxy.once("exit", () => fail(`kubectl: ${said.trim() || "it ended"}`));
    proxy.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    proxy.stdout?.on("data", (chunk: Buffer) => {
      if (!chunk.toString().includes("Starting to serve")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
