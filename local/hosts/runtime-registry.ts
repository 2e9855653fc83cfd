import type { HostSpec } from "./driver.ts";
import type { ImageLayout } from "./image-layout.ts";
import type { Isolation, Programs } from "./requirements.ts";
import { RuntimeProcess } from "./runtime-process.ts";

/** What hosts report of themselves, by instance id. */
export interface HostReports {
  spec(instanceId: string): HostSpec | undefined;
  onAgent(instanceId: string, online: boolean): void;
  onConsole(instanceId: string, text: string): void;
}

/** What public name servers say of a name. */
export type PublicNames = (name: string) => readonly string[] | undefined;

export interface RegistryOptions {
  readonly programs: Programs;
  readonly isolation: Isolation;
  readonly image: ImageLayout;
  readonly awsSocket: string;
  readonly apiSocket: string | undefined;
  readonly reports: HostReports;
  readonly publicNames: PublicNames | undefined;
  log(line: string): void;
}

interface RuntimeEntry {
  readonly runtime: Promise<RuntimeProcess>;
  /** Instance ids and DNS names inside. */
  readonly contents: Set<string>;
}

/** The host runtimes of a driver: one a VPC, started with the first thing inside it and ended with the last. */
export class RuntimeRegistry {
  readonly #options: RegistryOptions;
  readonly #runtimes = new Map<string, RuntimeEntry>();
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** The VPC's host runtime, kept for `content` (an instance id or a DNS name) until it is released. Throws once closed. */
  async enter(vpcId: string, content: string): Promise<RuntimeProcess> {
    if (this.#closed) throw new Error("the host driver is closed");
    const known = this.#runtimes.get(vpcId);
    const entry = known ?? { runtime: this.#start(), contents: new Set<string>() };
    entry.contents.add(content);
    this.#runtimes.set(vpcId, entry);
    if (!known) this.#watch(vpcId, entry);
    return await entry.runtime;
  }

  /** The VPC's host runtime if it has one. */
  async find(vpcId: string): Promise<RuntimeProcess | undefined> {
    return await this.#runtimes.get(vpcId)?.runtime;
  }

  async release(vpcId: string, content: string): Promise<void> {
    const entry = this.#runtimes.get(vpcId);
    if (!entry) return;
    entry.contents.delete(content);
    if (entry.contents.size > 0) return;
    this.#runtimes.delete(vpcId);
    await (await entry.runtime).close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#runtimes.values()];
    this.#runtimes.clear();
    await Promise.allSettled(entries.map(async ({ runtime }) => await (await runtime).close()));
  }

  /** A host runtime that failed to start, or died with its hosts, is started again at the next need. */
  #watch(vpcId: string, entry: RuntimeEntry): void {
    const forget = (): void => {
      if (this.#runtimes.get(vpcId) === entry) this.#runtimes.delete(vpcId);
    };
    const onEnd = (): void => {
      forget();
      for (const instanceId of entry.contents) this.#options.reports.onAgent(instanceId, false);
    };
    entry.runtime.then((runtime) => runtime.ended.then(onEnd), forget);
  }

  #start(): Promise<RuntimeProcess> {
    const { programs, isolation, awsSocket, apiSocket, image, reports, publicNames, log } = this.#options;
    return RuntimeProcess.start({
      programs,
      isolation,
      awsSocket,
      apiSocket,
      compileCache: image.compileCache,
      log,
      handlers: {
        credentials: async ({ instanceId }) => ({
          credentials: (await reports.spec(instanceId)?.credentials()) ?? null,
        }),
        egress: async ({ instanceId }) => ({ open: reports.spec(instanceId)?.egress() ?? false }),
        resolve: async ({ name }) => ({ addresses: publicNames?.(name) ?? null }),
        agent: async ({ instanceId, online }) => {
          reports.onAgent(instanceId, online);
          return {};
        },
        console: async ({ instanceId, text }) => {
          reports.onConsole(instanceId, text);
          return {};
        },
      },
    });
  }
}
