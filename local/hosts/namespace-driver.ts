import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { realClock } from "../context/clock.ts";
import type { HostDriver, HostLoadBalancer, HostSpec, ProbeOptions, RunResult } from "./driver.ts";
import type { HostFirewall } from "./firewall.ts";
import type { HostFaults } from "./host-faults.ts";
import { HostTable } from "./host-table.ts";
import { type ImageLayout, layOutImage } from "./image-layout.ts";
import { findKubernetes } from "./kubernetes-programs.ts";
import { namespaceFaults } from "./namespace-faults.ts";
import { PortForwards } from "./port-forwards.ts";
import { findIsolation, findPrograms, type Isolation, type Programs } from "./requirements.ts";
import { prepareRoot } from "./root-file-system.ts";
import { runtimeBalancer, runtimeFirewall, runtimeHost } from "./runtime-messages.ts";
import type { PublicNames } from "./runtime-registry.ts";
import { shellCommand } from "./shell-command.ts";
import { type HostTimings, isPrepared, localTimings } from "./timings.ts";
import { VolumeStore } from "./volumes.ts";

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
  /** What names outside of the VPC stand for; without it hosts know none. */
  readonly publicNames?: PublicNames;
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
  const hosts = new HostTable({
    ...{ programs, isolation, image },
    awsSocket: resolve(options.awsSocket),
    apiSocket: options.api && resolve(options.api.socket),
    publicNames: options.publicNames,
    log: (line) => options.log(line),
  });
  const volumes = new VolumeStore(directory);
  const driver = new Driver({ ...options, directory }, { programs, isolation, image, hosts, volumes });
  return Object.assign(driver, namespaceFaults(hosts, volumes));
}

interface DriverParts {
  readonly programs: Programs;
  readonly isolation: Isolation;
  readonly image: ImageLayout;
  readonly hosts: HostTable;
  readonly volumes: VolumeStore;
}

class Driver implements HostDriver {
  readonly kind = "namespaces";
  readonly limits: readonly string[] = [
    "Systemd is a stand-in: Type=notify counts as started when the program runs, and Type=forking is refused.",
    "A volume is a directory: throughput and full disks are not emulated; of disk errors, those of a volume that is pulled or dies.",
    "A host has one user id; owners of files and User= of services have no effect.",
  ];
  readonly #directory: string;
  readonly #parts: DriverParts;
  readonly #hosts: HostTable;
  readonly #volumes: VolumeStore;
  readonly #authority: string;
  readonly #forwards: PortForwards;
  readonly #timings: HostTimings;

  constructor(options: NamespaceDriverOptions, parts: DriverParts) {
    this.#directory = options.directory;
    this.#timings = options.timings ?? localTimings;
    this.#parts = parts;
    this.#hosts = parts.hosts;
    this.#volumes = parts.volumes;
    this.#authority = options.api?.authority ?? "";
    this.#forwards = new PortForwards(async (vpcId) => (await parts.hosts.runtimes.find(vpcId))?.forwardSocket);
  }

  /** Also boots a host again whose root file system an earlier driver left in the same directory. */
  async launch(spec: HostSpec): Promise<void> {
    const directory = this.#hostDirectory(spec.instanceId);
    await mkdir(directory, { recursive: true });
    const root = await prepareRoot(directory, spec, this.#authority);
    const runtimeSpec = runtimeHost(spec, directory, [...root, ...this.#parts.image.binds]);
    this.#hosts.add({ spec, runtimeSpec, console: "" });
    const runtime = await this.#hosts.runtimes.enter(spec.vpcId, spec.instanceId);
    const { userData, installEtcd, installKubernetes } = this.#timings;
    const boot = userData + (isPrepared(spec) ? 0 : installEtcd + installKubernetes);
    if (boot > 0) await realClock.sleep(boot);
    await runtime.peer.call("start", runtimeSpec, bootTimeoutMs);
  }

  async shutdown(instanceId: string, how: "graceful" | "power-off"): Promise<void> {
    const runtime = await this.#hosts.runtimeOf(instanceId);
    await runtime.peer.call("stop", { instanceId, graceful: how === "graceful" }, shutdownTimeoutMs);
    this.#hosts.agents.drop(instanceId);
  }

  async restart(instanceId: string): Promise<void> {
    const runtime = await this.#hosts.runtimeOf(instanceId);
    await runtime.peer.call("start", this.#hosts.get(instanceId).runtimeSpec, bootTimeoutMs);
  }

  async destroy(instanceId: string): Promise<void> {
    const record = this.#hosts.find(instanceId);
    if (record) {
      const runtime = await this.#hosts.runtimes.find(record.spec.vpcId);
      await runtime?.peer.call("remove", { instanceId });
      this.#hosts.agents.drop(instanceId);
      this.#hosts.delete(instanceId);
      await this.#hosts.runtimes.release(record.spec.vpcId, instanceId);
    }
    await rm(this.#hostDirectory(instanceId), { recursive: true, force: true });
  }

  async setFirewall(instanceId: string, firewall: HostFirewall): Promise<void> {
    await (await this.#hosts.runtimeOf(instanceId)).peer.call("setFirewall", {
      instanceId,
      firewall: runtimeFirewall(firewall),
    });
  }

  async createVolume(volumeId: string, options: { fromVolumeId?: string }): Promise<void> {
    await this.#volumes.create(volumeId, options.fromVolumeId);
  }

  async deleteVolume(volumeId: string): Promise<void> {
    await this.#volumes.delete(volumeId);
  }

  async attachVolume(instanceId: string, volumeId: string, device: string): Promise<void> {
    const path = this.#volumes.path(volumeId);
    await (await this.#hosts.runtimeOf(instanceId)).peer.call("attach", { instanceId, volumeId, path, device });
  }

  /**
   * After a forced detach the data is no longer there for the old host, and nothing that it still writes reaches the
   * volume.
   */
  async detachVolume(instanceId: string, volumeId: string, options: { force?: boolean } = {}): Promise<boolean> {
    if (!this.#hosts.find(instanceId)) return true;
    const { force = false } = options;
    const runtime = await this.#hosts.runtimeOf(instanceId);
    const { detached, wasMounted, holders } = await runtime.peer.call("detach", { instanceId, volumeId, force });
    try {
      if (wasMounted && force) await this.#volumes.tearAway(volumeId);
    } finally {
      if (holders.length > 0) await this.#hosts.signal(instanceId, { processes: holders }, "SIGCONT");
    }
    return detached;
  }

  onAgent(listener: (instanceId: string, online: boolean) => void): void {
    this.#hosts.agents.listen(listener);
  }

  async run(instanceId: string, script: string, options: { timeoutMs: number }): Promise<RunResult> {
    if (!this.#hosts.agents.isOnline(instanceId)) throw new Error(`the agent of ${instanceId} is not online`);
    const { timeoutMs } = options;
    const runtime = await this.#hosts.runtimeOf(instanceId);
    return await runtime.peer.call("run", { instanceId, script, timeoutMs }, timeoutMs + runGraceMs);
  }

  console(instanceId: string): string {
    return this.#hosts.find(instanceId)?.console ?? "";
  }

  /**
   * Enters the host runtime's namespaces, then the host's: no agent is needed, and the caller's terminal is a real one
   * there.
   */
  async shellCommand(instanceId: string, argv: readonly string[]): Promise<{ command: string; args: string[] }> {
    const runtime = await this.#hosts.runtimeOf(instanceId);
    const { pid } = await runtime.peer.call("processOf", { instanceId });
    const { programs, isolation } = this.#parts;
    return shellCommand({ nsenter: programs.nsenter, isolation, runtimePid: runtime.pid, hostPid: pid }, argv);
  }

  async putLoadBalancer(balancer: HostLoadBalancer): Promise<void> {
    const runtime = await this.#hosts.runtimes.enter(balancer.vpcId, balancer.dnsName);
    await runtime.peer.call("putLoadBalancer", runtimeBalancer(balancer));
  }

  async deleteLoadBalancer(vpcId: string, dnsName: string): Promise<void> {
    const runtime = await this.#hosts.runtimes.find(vpcId);
    await runtime?.peer.call("deleteLoadBalancer", { dnsName });
    await this.#hosts.runtimes.release(vpcId, dnsName);
  }

  async probe(vpcId: string, address: string, port: number, options: ProbeOptions): Promise<boolean> {
    const runtime = await this.#hosts.runtimes.find(vpcId);
    if (!runtime) return false;
    const answer = await runtime.peer.call("probe", { address, port, ...options }, options.timeoutMs + runGraceMs);
    return answer.reachable;
  }

  async forward(vpcId: string, address: string, port: number): Promise<number> {
    return await this.#forwards.open(vpcId, address, port);
  }

  async close(): Promise<void> {
    this.#forwards.close();
    await this.#hosts.close();
  }

  #hostDirectory(instanceId: string): string {
    if (!/^i-[0-9a-z]+$/.test(instanceId)) throw new Error(`${instanceId} is not an instance id`);
    return join(this.#directory, "hosts", instanceId);
  }
}
