import type { Clock } from "../../context/clock.ts";
import { Agents } from "../agents.ts";
import type { HostDriver, HostLoadBalancer, HostSpec, ProbeOptions, RunResult } from "../driver.ts";
import type { HostFirewall } from "../firewall.ts";
import type { HostFaults, VolumeDamage } from "../host-faults.ts";
import { type HostTimings, localTimings } from "../timings.ts";
import { runDocument } from "./documents.ts";
import { SimulatedHost } from "./host.ts";
import { type HostAws, overInternet, wireAws } from "./host-aws.ts";
import { SimulatedNetwork } from "./network.ts";
import { SimulatedVolume } from "./volume.ts";

export interface SimulatedDriverOptions {
  readonly clock: Clock;
  /** How a host calls AWS. */
  readonly aws: (spec: HostSpec) => HostAws;
  /** How long hosts take to boot; no time if not given. */
  readonly timings?: HostTimings;
}

/** Hosts whose calls go to the AWS endpoint and the HTTP API of a local cloud, which are known once they listen. */
export function createSimulatedDriver(
  clock: Clock,
  endpoints: { readonly aws: () => string; readonly api: () => string },
  timings: HostTimings = localTimings,
): SimulatedDriver {
  return new SimulatedDriver({
    clock,
    timings,
    aws: ({ region, credentials }) => wireAws(endpoints, region, credentials, clock),
  });
}

/** Hosts without processes, in memory: user data, etcd, Kubernetes as small models (`local/README.md`, "Scale mode"). */
export class SimulatedDriver implements HostDriver, HostFaults {
  readonly kind = "simulated";
  readonly limits: readonly string[] = [
    "No program runs: user data and documents other than Holdfast's own do nothing.",
    "etcd agrees at once, and keeps no data of users; an election takes a tenth of a second.",
    "Volumes and hosts are forgotten when the local cloud stops.",
  ];
  readonly #options: SimulatedDriverOptions;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #volumes = new Map<string, SimulatedVolume>();
  readonly #networks = new Map<string, SimulatedNetwork>();
  readonly #agents: Agents;

  constructor(options: SimulatedDriverOptions) {
    this.#options = options;
    this.#agents = new Agents((ms) => options.clock.sleep(ms));
  }

  async launch(spec: HostSpec): Promise<void> {
    const { clock, aws, timings = localTimings } = this.#options;
    const network = this.#network(spec.vpcId);
    const host = new SimulatedHost(spec, { network, clock, aws: overInternet(spec, aws(spec)), timings });
    this.#hosts.set(spec.instanceId, host);
    network.hosts.set(spec.instanceId, host);
    host.boot(true);
    void this.#agents.register(spec, timings.agent);
  }

  async shutdown(instanceId: string, _how: "graceful" | "power-off"): Promise<void> {
    const host = this.#host(instanceId);
    this.#agents.drop(instanceId);
    if (host.reachable) host.network.lastSeen.set(instanceId, this.#options.clock.now());
    host.powerOff();
  }

  async restart(instanceId: string): Promise<void> {
    const host = this.#host(instanceId);
    host.boot(false);
    void this.#agents.register(host.spec, host.timings.agent);
  }

  async destroy(instanceId: string): Promise<void> {
    const host = this.#hosts.get(instanceId);
    if (!host) return;
    if (host.up) await this.shutdown(instanceId, "power-off");
    this.#hosts.delete(instanceId);
    host.network.hosts.delete(instanceId);
  }

  async setFirewall(instanceId: string, firewall: HostFirewall): Promise<void> {
    this.#host(instanceId).setFirewall(firewall);
  }

  async createVolume(volumeId: string, { fromVolumeId }: { fromVolumeId?: string }): Promise<void> {
    if (this.#volumes.has(volumeId)) return;
    const source = fromVolumeId === undefined ? undefined : this.#volume(fromVolumeId);
    this.#volumes.set(volumeId, new SimulatedVolume(volumeId, source?.content));
  }

  async deleteVolume(volumeId: string): Promise<void> {
    this.#volumes.delete(volumeId);
  }

  async attachVolume(instanceId: string, volumeId: string, _device: string): Promise<void> {
    const host = this.#host(instanceId);
    const volume = this.#volume(volumeId);
    if (!host.up) throw new Error(`host ${instanceId} is down`);
    if (volume.attachedTo !== undefined && volume.attachedTo !== instanceId)
      throw new Error(`volume ${volumeId} is on ${volume.attachedTo}`);
    volume.attachedTo = instanceId;
    host.volumes.set(volumeId, volume);
  }

  async detachVolume(instanceId: string, volumeId: string, options: { force?: boolean } = {}): Promise<boolean> {
    const host = this.#hosts.get(instanceId);
    const volume = host?.volumes.get(volumeId);
    if (!host || !volume) return true;
    if (volume.mounted && options.force !== true) return false;
    volume.mounted = false;
    volume.attachedTo = undefined;
    host.volumes.delete(volumeId);
    if (host.etcd?.volume === volume) host.etcdUnit.stop();
    return true;
  }

  onAgent(listener: (instanceId: string, online: boolean) => void): void {
    this.#agents.listen(listener);
  }

  async run(instanceId: string, script: string, { timeoutMs }: { timeoutMs: number }): Promise<RunResult> {
    if (!this.#agents.isOnline(instanceId)) throw new Error(`the agent of ${instanceId} is not online`);
    const host = this.#host(instanceId);
    const late = { exitCode: 137, stdout: "", stderr: "", timedOut: true };
    const deadline = this.#options.clock.now() + timeoutMs;
    while (host.frozen) {
      if (this.#options.clock.now() >= deadline) return late;
      await host.sleep(100);
    }
    return await runDocument(host, script);
  }

  console(instanceId: string): string {
    return this.#hosts.get(instanceId)?.console ?? "";
  }

  async shellCommand(): Promise<{ command: string; args: string[] }> {
    throw new Error("a simulated host has no shell: start the local cloud with --hosts namespaces");
  }

  async putLoadBalancer(balancer: HostLoadBalancer): Promise<void> {
    this.#network(balancer.vpcId).balancers.set(balancer.dnsName, balancer);
  }

  async deleteLoadBalancer(vpcId: string, dnsName: string): Promise<void> {
    this.#network(vpcId).balancers.delete(dnsName);
  }

  async probe(vpcId: string, address: string, port: number, { path, from }: ProbeOptions): Promise<boolean> {
    return this.#network(vpcId).probe(address, port, { path, from });
  }

  async forward(): Promise<number> {
    throw new Error("nothing listens on a simulated host");
  }

  async setLink(instanceId: string, up: boolean): Promise<void> {
    const host = this.#host(instanceId);
    if (!up) host.network.lastSeen.set(instanceId, this.#options.clock.now());
    host.setLinked(up);
    if (up) void this.#agents.register(host.spec);
    else this.#agents.drop(instanceId);
  }

  async setBlocked(instanceId: string, addresses: readonly string[], blocked: boolean): Promise<void> {
    for (const address of addresses) this.#host(instanceId).setBlocked(address, blocked);
  }

  async setFrozen(instanceId: string, frozen: boolean): Promise<void> {
    const host = this.#host(instanceId);
    if (frozen) host.network.lastSeen.set(instanceId, this.#options.clock.now());
    host.setFrozen(frozen);
  }

  /** Only etcd and the agent can be signalled: of other programs there are none. */
  async signalProgram(instanceId: string, program: string, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<number> {
    if (program === "amazon-ssm-agent") {
      if (signal === "SIGCONT") void this.#agents.register(this.#host(instanceId).spec);
      else this.#agents.drop(instanceId);
      return 1;
    }
    return program === "etcd" && this.#host(instanceId).etcdUnit.signal(signal) ? 1 : 0;
  }

  async breakVolume(volumeId: string, instanceId: string | undefined): Promise<void> {
    this.#volume(volumeId).broken = true;
    this.#endEtcd(volumeId, instanceId);
  }

  /** Whatever the damage is, etcd does not start with it; where a real one might fix its log, this one does not. */
  async corruptVolume(volumeId: string, instanceId: string | undefined, damage: VolumeDamage): Promise<void> {
    const volume = this.#volume(volumeId);
    const { etcd } = volume.content;
    if (!etcd) throw new Error(`there is no ${damage.file} of etcd on the volume`);
    volume.write({ etcd: { ...etcd, corrupt: true } });
    this.#endEtcd(volumeId, instanceId);
  }

  /** Nothing more fits on a volume, or again. */
  fillVolume(volumeId: string, full: boolean): void {
    this.#volume(volumeId).full = full;
  }

  /** What Kubernetes keeps in the etcd of a host, as that has it. */
  keysOf(instanceId: string): Readonly<Record<string, string>> {
    return this.#host(instanceId).etcd?.volume.content.etcd?.state.keys ?? {};
  }

  /** Moments at which two etcd clusters of one Holdfast cluster were alive, in any VPC. */
  forks(): string[] {
    return [...this.#networks.values()].flatMap(({ etcd }) => [...etcd.forks]);
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.values()) {
      this.#agents.drop(host.spec.instanceId);
      host.powerOff();
    }
  }

  #endEtcd(volumeId: string, instanceId: string | undefined): void {
    const host = instanceId === undefined ? undefined : this.#hosts.get(instanceId);
    if (host?.etcd?.volume.id === volumeId) host.etcdUnit.signal("SIGKILL");
  }

  #network(vpcId: string): SimulatedNetwork {
    const known = this.#networks.get(vpcId);
    if (known) return known;
    const network = new SimulatedNetwork(this.#options.clock);
    this.#networks.set(vpcId, network);
    return network;
  }

  #host(instanceId: string): SimulatedHost {
    const host = this.#hosts.get(instanceId);
    if (!host) throw new Error(`there is no host ${instanceId}`);
    return host;
  }

  #volume(volumeId: string): SimulatedVolume {
    const volume = this.#volumes.get(volumeId);
    if (!volume) throw new Error(`volume ${volumeId} does not exist`);
    return volume;
  }
}
