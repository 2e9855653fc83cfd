import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { realClock } from "../context/clock.ts";
import { Agents } from "./agents.ts";
import type { BalancerTarget, HostDriver, HostLoadBalancer, HostSpec, ProbeOptions, RunResult } from "./driver.ts";
import type { HostFirewall } from "./firewall.ts";
import type { HostFaults, VolumeDamage } from "./host-faults.ts";
import { type ImageLayout, layOutImage } from "./image-layout.ts";
import { findKubernetes } from "./kubernetes-programs.ts";
import { PortForwards } from "./port-forwards.ts";
import type { Bind, RuntimeHostSpec } from "./protocol.ts";
import { findIsolation, findPrograms, type Isolation, type Programs } from "./requirements.ts";
import { prepareRoot } from "./root-file-system.ts";
import type { RuntimeProcess } from "./runtime-process.ts";
import { RuntimeRegistry } from "./runtime-registry.ts";
import { shellCommand } from "./shell-command.ts";
import { type HostTimings, isPrepared, localTimings } from "./timings.ts";
import { damageEtcdData } from "./volume-damage.ts";
import { VolumeStore } from "./volumes.ts";

const maxConsoleLength = 64 * 1024;
const bootTimeoutMs = 30_000;
const shutdownTimeoutMs = 30_000;
/** What a command may take beyond its own time-out, to be killed and to answer. */
const runGraceMs = 10_000;

export interface NamespaceDriverOptions {
  /** Where volumes, root file systems and the image lie; made if absent. Kept by `close`. */
  readonly directory: string;
  /** The Unix socket on which the controller serves the AWS endpoint, as plain HTTP. */
  readonly awsSocket: string;
  /**
   * The Unix socket of the HTTP API, as TLS, and the authority (PEM) that hosts know it by; without it they reach none.
   */
  readonly api?: { readonly socket: string; readonly authority: string };
  /** Where `local/image/build.ts` has bundled the image's programs; the repository's `dist/image` by default. */
  readonly imageBundles?: string;
  /** Where hosts keep their programs compiled, made if absent; below `directory` by default. */
  readonly compileCache?: string;
  /** What an instance of AWS takes longer than these hosts do; nothing if not given. */
  readonly timings?: HostTimings;
  log(line: string): void;
}

/** A host driver with the faults that isolated hosts allow. */
export interface NamespaceDriver extends HostDriver, HostFaults {
  readonly kind: "namespaces";
}

/**
 * Hosts in namespaces, by bubblewrap; rootless where the machine allows it. Throws `HostsUnavailable` when a program is
 * missing or the machine refuses user namespaces.
 */
export async function createNamespaceDriver(options: NamespaceDriverOptions): Promise<NamespaceDriver> {
  const programs = findPrograms();
  const isolation = await findIsolation(programs);
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const image = await layOutImage(directory, programs, {
    bundles: options.imageBundles,
    compileCache: options.compileCache,
    kubernetes: findKubernetes(),
  });
  return new Driver({ ...options, directory }, { programs, isolation }, image);
}

/** A host as the driver keeps it: its declaration, and what it has printed. */
interface HostRecord {
  readonly spec: HostSpec;
  readonly runtimeSpec: RuntimeHostSpec;
  console: string;
}

class Driver implements NamespaceDriver {
  readonly kind = "namespaces";
  readonly limits: readonly string[] = [
    "Systemd is a stand-in: Type=notify counts as started when the program runs, and Type=forking is refused.",
    "A volume is a directory: throughput and full disks are not emulated; of disk errors, those of a volume that is pulled or dies.",
    "A host has one user id; owners of files and User= of services have no effect.",
  ];
  readonly #directory: string;
  readonly #programs: Programs;
  readonly #isolation: Isolation;
  readonly #image: ImageLayout;
  readonly #authority: string;
  readonly #volumes: VolumeStore;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #agents = new Agents(realClock.sleep);
  readonly #runtimes: RuntimeRegistry;
  readonly #forwards: PortForwards;
  readonly #timings: HostTimings;

  constructor(
    options: NamespaceDriverOptions,
    { programs, isolation }: { programs: Programs; isolation: Isolation },
    image: ImageLayout,
  ) {
    this.#directory = options.directory;
    this.#timings = options.timings ?? localTimings;
    this.#programs = programs;
    this.#isolation = isolation;
    this.#image = image;
    this.#authority = options.api?.authority ?? "";
    this.#volumes = new VolumeStore(options.directory);
    this.#runtimes = new RuntimeRegistry({
      programs,
      isolation,
      image,
      awsSocket: resolve(options.awsSocket),
      apiSocket: options.api && resolve(options.api.socket),
      log: (line) => options.log(line),
      reports: {
        spec: (instanceId) => this.#hosts.get(instanceId)?.spec,
        onAgent: (instanceId, online) => this.#onAgent(instanceId, online),
        onConsole: (instanceId, text) => this.#onConsole(instanceId, text),
      },
    });
    this.#forwards = new PortForwards(async (vpcId) => (await this.#runtimes.find(vpcId))?.forwardSocket);
  }

  /** Also boots a host again whose root file system an earlier driver left in the same directory. */
  async launch(spec: HostSpec): Promise<void> {
    const directory = this.#hostDirectory(spec.instanceId);
    await mkdir(directory, { recursive: true });
    const root = await prepareRoot(directory, spec, this.#authority);
    const runtimeSpec = describe(spec, directory, [...root, ...this.#image.binds]);
    this.#hosts.set(spec.instanceId, { spec, runtimeSpec, console: "" });
    const runtime = await this.#runtimes.enter(spec.vpcId, spec.instanceId);
    const { userData, installEtcd, installKubernetes } = this.#timings;
    const boot = userData + (isPrepared(spec) ? 0 : installEtcd + installKubernetes);
    if (boot > 0) await realClock.sleep(boot);
    await runtime.peer.call("start", runtimeSpec, bootTimeoutMs);
  }

  async shutdown(instanceId: string, how: "graceful" | "power-off"): Promise<void> {
    const runtime = await this.#runtimeOf(instanceId);
    await runtime.peer.call("stop", { instanceId, graceful: how === "graceful" }, shutdownTimeoutMs);
    this.#agents.drop(instanceId);
  }

  async restart(instanceId: string): Promise<void> {
    const runtime = await this.#runtimeOf(instanceId);
    await runtime.peer.call("start", this.#record(instanceId).runtimeSpec, bootTimeoutMs);
  }

  async destroy(instanceId: string): Promise<void> {
    const record = this.#hosts.get(instanceId);
    if (record) {
      const runtime = await this.#runtimes.find(record.spec.vpcId);
      await runtime?.peer.call("remove", { instanceId });
      this.#agents.drop(instanceId);
      this.#hosts.delete(instanceId);
      await this.#runtimes.release(record.spec.vpcId, instanceId);
    }
    await rm(this.#hostDirectory(instanceId), { recursive: true, force: true });
  }

  async setFirewall(instanceId: string, firewall: HostFirewall): Promise<void> {
    await (await this.#runtimeOf(instanceId)).peer.call("setFirewall", { instanceId, firewall: mutable(firewall) });
  }

  async createVolume(volumeId: string, options: { fromVolumeId?: string }): Promise<void> {
    await this.#volumes.create(volumeId, options.fromVolumeId);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await this.#volumes.delete(volumeId);
  }

  async attachVolume(instanceId: string, volumeId: string, device: string): Promise<void> {
    const path = this.#volumes.path(volumeId);
    await (await this.#runtimeOf(instanceId)).peer.call("attach", { instanceId, volumeId, path, device });
  }

  /**
   * After a forced detach the data is no longer there for the old host, and nothing that it still writes reaches the
   * volume.
   */
  async detachVolume(instanceId: string, volumeId: string, options: { force?: boolean } = {}): Promise<boolean> {
    if (!this.#hosts.has(instanceId)) return true;
    const { force = false } = options;
    const runtime = await this.#runtimeOf(instanceId);
    const { detached, wasMounted, holders } = await runtime.peer.call("detach", { instanceId, volumeId, force });
    try {
      if (wasMounted && force) await this.#volumes.tearAway(volumeId);
    } finally {
      if (holders.length > 0) await this.#signal(instanceId, { processes: holders }, "SIGCONT");
    }
    return detached;
  }

  onAgent(listener: (instanceId: string, online: boolean) => void): void {
    this.#agents.listen(listener);
  }

  async run(instanceId: string, script: string, options: { timeoutMs: number }): Promise<RunResult> {
    if (!this.#agents.isOnline(instanceId)) throw new Error(`the agent of ${instanceId} is not online`);
    const { timeoutMs } = options;
    const runtime = await this.#runtimeOf(instanceId);
    return await runtime.peer.call("run", { instanceId, script, timeoutMs }, timeoutMs + runGraceMs);
  }

  console(instanceId: string): string {
    return this.#hosts.get(instanceId)?.console ?? "";
  }

  /**
   * Enters the host runtime's namespaces, then the host's: no agent is needed, and the caller's terminal is a real one
   * there.
   */
  async shellCommand(instanceId: string, argv: readonly string[]): Promise<{ command: string; args: string[] }> {
    const runtime = await this.#runtimeOf(instanceId);
    const { pid } = await runtime.peer.call("processOf", { instanceId });
    const { nsenter } = this.#programs;
    return shellCommand({ nsenter, isolation: this.#isolation, runtimePid: runtime.pid, hostPid: pid }, argv);
  }

  async putLoadBalancer(balancer: HostLoadBalancer): Promise<void> {
    const runtime = await this.#runtimes.enter(balancer.vpcId, balancer.dnsName);
    await runtime.peer.call("putLoadBalancer", {
      dnsName: balancer.dnsName,
      addresses: [...balancer.addresses],
      ...(balancer.resolved && { resolved: [...balancer.resolved] }),
      listeners: balancer.listeners.map(({ port, targets, clients }) => ({
        port,
        targets: targets.map(toRuntimeTarget),
        ...(clients && { clients: [...clients] }),
      })),
    });
  }

  async deleteLoadBalancer(vpcId: string, dnsName: string): Promise<void> {
    const runtime = await this.#runtimes.find(vpcId);
    await runtime?.peer.call("deleteLoadBalancer", { dnsName });
    await this.#runtimes.release(vpcId, dnsName);
  }

  async probe(vpcId: string, address: string, port: number, options: ProbeOptions): Promise<boolean> {
    const runtime = await this.#runtimes.find(vpcId);
    if (!runtime) return false;
    const answer = await runtime.peer.call("probe", { address, port, ...options }, options.timeoutMs + runGraceMs);
    return answer.reachable;
  }

  async forward(vpcId: string, address: string, port: number): Promise<number> {
    return await this.#forwards.open(vpcId, address, port);
  }

  async setLink(instanceId: string, up: boolean): Promise<void> {
    await (await this.#runtimeOf(instanceId)).peer.call("setLink", { instanceId, up });
    // The agent talks to this machine by a socket that no cable carries; on AWS it is as far away as everything else.
    if (up) await this.#agents.register(this.#record(instanceId).spec);
    else this.#agents.drop(instanceId);
  }

  async setBlocked(instanceId: string, addresses: readonly string[], blocked: boolean): Promise<void> {
    await (await this.#runtimeOf(instanceId)).peer.call("setBlocked", {
      instanceId,
      addresses: [...addresses],
      blocked,
    });
  }

  async setFrozen(instanceId: string, frozen: boolean): Promise<void> {
    await (await this.#runtimeOf(instanceId)).peer.call("setFrozen", { instanceId, frozen });
  }

  async signalProgram(instanceId: string, program: string, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<number> {
    return await this.#signal(instanceId, { program }, signal);
  }

  async breakVolume(volumeId: string, instanceId: string | undefined): Promise<void> {
    await this.#behindUsers(volumeId, instanceId, () => this.#volumes.wreck(volumeId));
  }

  async corruptVolume(volumeId: string, instanceId: string | undefined, damage: VolumeDamage): Promise<void> {
    await this.#behindUsers(volumeId, instanceId, () => damageEtcdData(this.#volumes.path(volumeId), damage));
  }

  async close(): Promise<void> {
    this.#forwards.close();
    await this.#runtimes.close();
    for (const instanceId of this.#hosts.keys()) this.#agents.drop(instanceId);
  }

  /**
   * Does something to a volume while the programs that use it stand still, and ends them, so that none covers it up.
   */
  async #behindUsers(volumeId: string, instanceId: string | undefined, act: () => Promise<void>): Promise<void> {
    if (instanceId === undefined || !this.#hosts.has(instanceId)) return await act();
    await this.#signal(instanceId, { volumeId }, "SIGSTOP");
    try {
      await act();
    } finally {
      await this.#signal(instanceId, { volumeId }, "SIGKILL");
    }
  }

  async #signal(
    instanceId: string,
    of: { program: string } | { volumeId: string } | { processes: number[] },
    signal: "SIGSTOP" | "SIGCONT" | "SIGKILL",
  ): Promise<number> {
    const runtime = await this.#runtimeOf(instanceId);
    const { processes } = await runtime.peer.call("signal", { instanceId, of, signal });
    return processes.length;
  }

  #onAgent(instanceId: string, online: boolean): void {
    const record = this.#hosts.get(instanceId);
    if (record && online) void this.#agents.register(record.spec);
    else this.#agents.drop(instanceId);
  }

  #onConsole(instanceId: string, text: string): void {
    const record = this.#hosts.get(instanceId);
    if (record) record.console = (record.console + text).slice(-maxConsoleLength);
  }

  async #runtimeOf(instanceId: string): Promise<RuntimeProcess> {
    const runtime = await this.#runtimes.find(this.#record(instanceId).spec.vpcId);
    if (!runtime) throw new Error(`the host runtime of host ${instanceId} is gone`);
    return runtime;
  }

  #record(instanceId: string): HostRecord {
    const record = this.#hosts.get(instanceId);
    if (!record) throw new Error(`there is no host ${instanceId}`);
    return record;
  }

  #hostDirectory(instanceId: string): string {
    if (!/^i-[0-9a-z]+$/.test(instanceId)) throw new Error(`${instanceId} is not an instance id`);
    return join(this.#directory, "hosts", instanceId);
  }
}

function toRuntimeTarget({ address, port, via }: BalancerTarget) {
  return { address, port, ...(via && { via: [...via] }) };
}

function describe(spec: HostSpec, directory: string, binds: Bind[]): RuntimeHostSpec {
  const { credentials: _, vpcId: __, egress: ___, tags, firewall, ...rest } = spec;
  return { ...rest, tags: { ...tags }, ...(firewall && { firewall: mutable(firewall) }), directory, binds };
}

/** The same as the protocol has it. */
function mutable({ ingress, egress }: HostFirewall): NonNullable<RuntimeHostSpec["firewall"]> {
  const copy = (rules: HostFirewall["ingress"]) => rules.map((rule) => ({ ...rule, peers: [...rule.peers] }));
  return { ingress: copy(ingress), egress: copy(egress) };
}
