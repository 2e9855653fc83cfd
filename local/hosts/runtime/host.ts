import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ScriptResult } from "../../image/base/agent-protocol.ts";
import type { HostFirewall } from "../firewall.ts";
import type { RuntimeHostSpec } from "../protocol.ts";
import { AgentLine } from "./agent-line.ts";
import { runProgram } from "./commands.ts";
import { HostDevices, mountPointsOf } from "./devices.ts";
import type { VpcNetwork } from "./network.ts";
import { hasOpenBelow, kill, processesBeside, runs } from "./processes.ts";
import { type Sandbox, startSandbox } from "./sandbox.ts";

/** A host that has not booted by then never will. Generous, as the machine may be busy. */
const bootTimeoutMs = 20_000;
/** EC2 gives a guest minutes; a local host's services stop in milliseconds or hang. */
const shutdownTimeoutMs = 15_000;

/** What a host needs of its host runtime. */
export interface HostSurroundings {
  readonly network: VpcNetwork;
  readonly bwrap: string;
  readonly socketDirectory: string;
  onAgent(instanceId: string, online: boolean): void;
  onConsole(instanceId: string, text: string): void;
}

/** One host: its devices for as long as it exists, and while it runs its processes, its cable and its agent. */
export class Host {
  readonly spec: RuntimeHostSpec;
  readonly devices: HostDevices;
  readonly #surroundings: HostSurroundings;
  readonly #agent: AgentLine;
  #sandbox: Sandbox | undefined;
  #link: string | undefined;
  #firewall: HostFirewall | undefined;

  constructor(spec: RuntimeHostSpec, surroundings: HostSurroundings) {
    this.spec = spec;
    this.devices = new HostDevices(spec.directory, spec.hypervisor);
    this.#surroundings = surroundings;
    this.#firewall = spec.firewall;
    this.#agent = new AgentLine(join(surroundings.socketDirectory, spec.instanceId), () =>
      surroundings.onAgent(spec.instanceId, false),
    );
  }

  /** Made once for the host, before its first start. */
  async prepare(): Promise<void> {
    await this.devices.clear();
    await this.#agent.open();
  }

  /** The first process of the running host; undefined while it is shut down. */
  get pid(): number | undefined {
    return this.#sandbox?.pid;
  }

  async start(): Promise<void> {
    if (this.#sandbox) throw new Error(`host ${this.spec.instanceId} runs already`);
    const { network, bwrap, onConsole, onAgent } = this.#surroundings;
    const { instanceId } = this.spec;
    const connected = this.#agent.connected();
    await this.devices.enumerate();
    const sandbox = await startSandbox(bwrap, this.spec, this.#agent.path, (text) => onConsole(instanceId, text));
    this.#sandbox = sandbox;
    const ended = sandbox.ended.then(() => this.#cleanUp(sandbox));
    const boot = async (): Promise<void> => {
      this.#link = await network.connect(sandbox.pid, this.spec, this.#firewall);
      await connected;
      await this.#agent.boot(instanceId, this.spec.userData);
    };
    const died = ended.then(() => Promise.reject(new Error(`host ${instanceId} ended while it booted`)));
    died.catch(() => undefined);
    await Promise.race([within(bootTimeoutMs, `host ${instanceId} did not boot`, boot()), died]);
    onAgent(instanceId, true);
  }

  /** Resolves when no process of the host is left. */
  async stop(how: { graceful: boolean }): Promise<void> {
    const sandbox = this.#sandbox;
    if (!sandbox) return;
    if (how.graceful) {
      this.setFrozen(false);
      this.#agent.shutdown();
      await Promise.race([sandbox.ended, delay(shutdownTimeoutMs, undefined, { ref: false })]);
    }
    // The first process of the namespace: killing bubblewrap's monitor would return before the volumes are released.
    kill(sandbox.pid, "SIGKILL");
    await sandbox.ended;
    await this.#cleanUp(sandbox);
  }

  async remove(): Promise<void> {
    await this.stop({ graceful: false });
    await this.devices.detachAll();
    this.#agent.close();
  }

  async run(script: string, timeoutMs: number): Promise<ScriptResult> {
    return await this.#agent.run(script, timeoutMs);
  }

  async setLink(up: boolean): Promise<void> {
    if (this.#link) await this.#surroundings.network.setLink(this.#link, up);
  }

  async setFirewall(firewall: HostFirewall): Promise<void> {
    this.#firewall = firewall;
    if (this.pid !== undefined) await this.#surroundings.network.setFirewall(this.pid, this.spec.subnetCidr, firewall);
  }

  async setBlocked(addresses: readonly string[], blocked: boolean): Promise<void> {
    if (this.pid !== undefined) await this.#surroundings.network.setBlocked(this.pid, addresses, blocked);
  }

  /** Stops or continues every process of the host, as a hypervisor that gives it no time would. */
  setFrozen(frozen: boolean): void {
    for (const pid of processesBeside(this.pid)) kill(pid, frozen ? "SIGSTOP" : "SIGCONT");
  }

  /**
   * Takes a volume away. By force it is pulled from under who uses it: those stand still from then on (`holders`), for
   * the driver to end its data and let them continue, and whatever they write fails.
   */
  async detach(
    volumeId: string,
    force: boolean,
  ): Promise<{ detached: boolean; wasMounted: boolean; holders: number[] }> {
    const holders = force ? this.signal({ volumeId }, "SIGSTOP") : [];
    for (const holder of holders)
      await runProgram("prlimit", ["--pid", String(holder), "--fsize=0"]).catch(() => undefined);
    return { ...(await this.devices.detach(volumeId, { pid: this.pid, force })), holders };
  }

  /**
   * Signals the processes that run a program, or that have files of a volume open, or these; returns which they are.
   */
  signal(
    of: { program: string } | { volumeId: string } | { processes: readonly number[] },
    signal: NodeJS.Signals,
  ): number[] {
    const { pid } = this;
    if (pid === undefined) return [];
    const mountPoints = "volumeId" in of ? mountPointsOf(pid, of.volumeId) : [];
    const isMeant = (each: number) => {
      if ("program" in of) return runs(each, of.program);
      if ("processes" in of) return of.processes.includes(each);
      return mountPoints.some((directory) => hasOpenBelow(each, directory));
    };
    const meant = processesBeside(pid).filter(isMeant);
    for (const each of meant) kill(each, signal);
    return meant;
  }

  async #cleanUp(sandbox: Sandbox): Promise<void> {
    if (this.#sandbox !== sandbox) return;
    this.#sandbox = undefined;
    const link = this.#link;
    this.#link = undefined;
    if (link) await this.#surroundings.network.disconnect(link);
  }
}

async function within<T>(ms: number, failure: string, work: Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const late = delay(ms, undefined, { signal: deadline.signal }).then(() => {
    throw new Error(`${failure} within ${ms} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    deadline.abort();
  }
}
