import { realClock } from "../context/clock.ts";
import { Agents } from "./agents.ts";
import type { HostSpec } from "./driver.ts";
import type { RuntimeHostSpec } from "./protocol.ts";
import type { RuntimeProcess } from "./runtime-process.ts";
import { type RegistryOptions, RuntimeRegistry } from "./runtime-registry.ts";

const maxConsoleLength = 64 * 1024;

/** A host as the driver keeps it: its declaration, and what it has printed. */
interface HostRecord {
  readonly spec: HostSpec;
  readonly runtimeSpec: RuntimeHostSpec;
  console: string;
}

/** The hosts of a driver, their agents, and the host runtimes that they are in. */
export class HostTable {
  readonly agents = new Agents(realClock.sleep);
  readonly runtimes: RuntimeRegistry;
  readonly #hosts = new Map<string, HostRecord>();

  constructor(options: Omit<RegistryOptions, "reports">) {
    this.runtimes = new RuntimeRegistry({
      ...options,
      reports: {
        spec: (instanceId) => this.find(instanceId)?.spec,
        onAgent: (instanceId, online) => this.#onAgent(instanceId, online),
        onConsole: (instanceId, text) => this.#onConsole(instanceId, text),
      },
    });
  }

  add(record: HostRecord): void {
    this.#hosts.set(record.spec.instanceId, record);
  }

  find(instanceId: string): HostRecord | undefined {
    return this.#hosts.get(instanceId);
  }

  get(instanceId: string): HostRecord {
    const record = this.find(instanceId);
    if (!record) throw new Error(`there is no host ${instanceId}`);
    return record;
  }

  delete(instanceId: string): void {
    this.#hosts.delete(instanceId);
  }

  async runtimeOf(instanceId: string): Promise<RuntimeProcess> {
    const runtime = await this.runtimes.find(this.get(instanceId).spec.vpcId);
    if (!runtime) throw new Error(`the host runtime of host ${instanceId} is gone`);
    return runtime;
  }

  async signal(
    instanceId: string,
    of: { program: string } | { volumeId: string } | { processes: number[] },
    signal: "SIGSTOP" | "SIGCONT" | "SIGKILL",
  ): Promise<number> {
    const runtime = await this.runtimeOf(instanceId);
    const { processes } = await runtime.peer.call("signal", { instanceId, of, signal });
    return processes.length;
  }

  async close(): Promise<void> {
    await this.runtimes.close();
    for (const instanceId of this.#hosts.keys()) this.agents.drop(instanceId);
  }

  #onAgent(instanceId: string, online: boolean): void {
    const record = this.find(instanceId);
    if (record && online) void this.agents.register(record.spec);
    else this.agents.drop(instanceId);
  }

  #onConsole(instanceId: string, text: string): void {
    const record = this.find(instanceId);
    if (record) record.console = (record.console + text).slice(-maxConsoleLength);
  }
}
