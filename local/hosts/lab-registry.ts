import type { HostSpec } from "./driver.ts";
import type { ImageLayout } from "./image-layout.ts";
import { LabProcess } from "./lab-process.ts";
import type { Isolation, Programs } from "./requirements.ts";

/** What hosts tell of themselves, by instance id. */
export interface HostReports {
  spec(instanceId: string): HostSpec | undefined;
  onAgent(instanceId: string, online: boolean): void;
  onConsole(instanceId: string, text: string): void;
}

export interface RegistryOptions {
  readonly programs: Programs;
  readonly isolation: Isolation;
  readonly image: ImageLayout;
  readonly awsSocket: string;
  readonly apiSocket: string | undefined;
  readonly reports: HostReports;
  log(line: string): void;
}

interface LabEntry {
  readonly lab: Promise<LabProcess>;
  /** Instance ids and DNS names inside. */
  readonly contents: Set<string>;
}

/** The labs of a driver: one a VPC, started with the first thing inside it and ended with the last. */
export class LabRegistry {
  readonly #options: RegistryOptions;
  readonly #labs = new Map<string, LabEntry>();
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** The VPC's lab, kept for `content` (an instance id or a DNS name) until it is released. Throws once closed. */
  async enter(vpcId: string, content: string): Promise<LabProcess> {
    if (this.#closed) throw new Error("the host driver is closed");
    const known = this.#labs.get(vpcId);
    const entry = known ?? { lab: this.#start(), contents: new Set<string>() };
    entry.contents.add(content);
    this.#labs.set(vpcId, entry);
    if (!known) this.#watch(vpcId, entry);
    return await entry.lab;
  }

  /** The VPC's lab if it has one. */
  async find(vpcId: string): Promise<LabProcess | undefined> {
    return await this.#labs.get(vpcId)?.lab;
  }

  async release(vpcId: string, content: string): Promise<void> {
    const entry = this.#labs.get(vpcId);
    if (!entry) return;
    entry.contents.delete(content);
    if (entry.contents.size > 0) return;
    this.#labs.delete(vpcId);
    await (await entry.lab).close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#labs.values()];
    this.#labs.clear();
    await Promise.allSettled(entries.map(async ({ lab }) => await (await lab).close()));
  }

  /** A lab that could not be started, or that died with all its hosts, is made anew when it is needed next. */
  #watch(vpcId: string, entry: LabEntry): void {
    const forget = (): void => {
      if (this.#labs.get(vpcId) === entry) this.#labs.delete(vpcId);
    };
    const onEnd = (): void => {
      forget();
      for (const instanceId of entry.contents) this.#options.reports.onAgent(instanceId, false);
    };
    entry.lab.then((lab) => lab.ended.then(onEnd), forget);
  }

  #start(): Promise<LabProcess> {
    const { programs, isolation, awsSocket, apiSocket, image, reports, log } = this.#options;
    return LabProcess.start({
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
