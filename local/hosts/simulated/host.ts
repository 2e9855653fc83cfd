import type { Clock } from "../../context/clock.ts";
import type { HostSpec } from "../driver.ts";
import { admits, type HostFirewall } from "../firewall.ts";
import { type HostTimings, isPrepared } from "../timings.ts";
import { bootMaster, startAgain } from "./boot-master.ts";
import { bootNode } from "./boot-node.ts";
import { bootVariables, type MasterVariables, masterVariables } from "./boot-variables.ts";
import type { EtcdProcess } from "./etcd-types.ts";
import { EtcdUnit } from "./etcd-unit.ts";
import type { HostAws } from "./host-aws.ts";
import type { SimulatedNetwork } from "./network.ts";
import type { SimulatedVolume } from "./volume.ts";

const MAX_CONSOLE_LENGTH = 64 * 1024;
/** `RestartSec` of the boot's. */
const BOOT_RESTART_MS = 5_000;

/** What boot leaves on the root file system of a master: a reboot finds it again. */
export interface MasterFiles extends MasterVariables {
  readonly volumeId: string;
  readonly generation: number;
}

/** Everything on a root file system that matters here. */
export interface RootFiles {
  /** What a stock image lacked is installed, or being installed. */
  etcdInstalled?: true;
  kubernetesInstalled?: Promise<void>;
  master?: MasterFiles;
  /** `/etc/holdfast/member`, which the boot script writes before it waits for the volume. */
  member?: string;
  /** The certificate (PEM) of the authority by which the API server here knows its clients. */
  authority?: string;
  /**
   * Set once `kubeadm init` or `join` has done its work; the name of the balancer through which the kubelet registers.
   */
  kubelet?: { readonly endpoint: string };
  /** `/etc/holdfast/booted`. */
  booted?: true;
  /** What may not start while the cluster is restored: `/etc/holdfast/hold-*`, and the API server's manifest moved away. */
  held?: { readonly etcd: boolean; readonly kubernetes: boolean; readonly apiServer: boolean };
  /** Snapshots of its own data that wait to be uploaded, by the token of their restore. */
  survivor?: { readonly token: string; readonly body: Buffer };
}

/**
 * A host without a process: it does what `functions/hosts/boot` does, step by step, as fast as it is allowed to.
 * `power` is aborted when it goes down; everything that continues in it ends with that.
 */
export class SimulatedHost {
  readonly spec: HostSpec;
  readonly network: SimulatedNetwork;
  readonly clock: Clock;
  readonly aws: HostAws;
  readonly timings: HostTimings;
  readonly files: RootFiles = {};
  readonly volumes = new Map<string, SimulatedVolume>();
  readonly etcdUnit = new EtcdUnit(this);
  #console = "";
  #power = new AbortController();
  #frozen = false;
  #linked = true;
  readonly #blocked = new Set<string>();
  #firewall: HostFirewall | undefined;

  constructor(spec: HostSpec, parts: { network: SimulatedNetwork; clock: Clock; aws: HostAws; timings: HostTimings }) {
    this.spec = spec;
    this.#firewall = spec.firewall;
    this.network = parts.network;
    this.clock = parts.clock;
    this.aws = parts.aws;
    this.timings = parts.timings;
    this.#power.abort();
  }

  get up(): boolean {
    return !this.#power.signal.aborted;
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** Packets reach it, and something there answers them. */
  get reachable(): boolean {
    return this.up && this.#linked && !this.#frozen;
  }

  get console(): string {
    return this.#console;
  }

  /** The etcd that runs on it. */
  get etcd(): EtcdProcess | undefined {
    return this.etcdUnit.process;
  }

  get signal(): AbortSignal {
    return this.#power.signal;
  }

  /** A line on its console. */
  say(line: string): void {
    this.#console = `${this.#console}${line}\n`.slice(-MAX_CONSOLE_LENGTH);
  }

  /** The first boot, with user data; or a later one, which finds what the first has left. */
  boot(first: boolean): void {
    this.#power = new AbortController();
    this.#frozen = false;
    this.#linked = true;
    this.#blocked.clear();
    if (first || !this.files.booted) this.runInBackground(this.#runUserData());
    else this.runInBackground(startAgain(this));
  }

  powerOff(): void {
    this.#power.abort(new Error(`host ${this.spec.instanceId} is down`));
    this.etcdUnit.powerOff();
    for (const volume of this.volumes.values()) volume.mounted = false;
    this.network.etcd.settle();
  }

  setFrozen(frozen: boolean): void {
    this.#frozen = frozen;
    this.network.etcd.settle();
  }

  setLinked(linked: boolean): void {
    this.#linked = linked;
    this.network.etcd.settle();
  }

  /** Drops what it sends to an address, or no longer does. */
  setBlocked(address: string, blocked: boolean): void {
    if (blocked) this.#blocked.add(address);
    else this.#blocked.delete(address);
    this.network.etcd.settle();
  }

  setFirewall(firewall: HostFirewall): void {
    this.#firewall = firewall;
    this.network.etcd.settle();
  }

  /** Do its security groups let a connection from this address in? */
  admits(from: string, port: number): boolean {
    return !this.#firewall || admits(this.#firewall.ingress, port, from);
  }

  /**
   * Is the way open for a connection of its own to this host: its cable, what its groups let out, what the other's let
   * in?
   */
  opens(to: string, port: number): boolean {
    if (!this.#linked || this.#blocked.has(to)) return false;
    if (this.#firewall && !admits(this.#firewall.egress, port, to)) return false;
    const other = [...this.network.hosts.values()].find(({ spec, up }) => up && spec.address === to);
    return other === undefined || other.admits(this.spec.address, port);
  }

  /** Resolves after `ms` of the host's own time; rejects when it goes down. */
  async sleep(ms: number): Promise<void> {
    await this.clock.sleep(ms, this.signal);
    this.signal.throwIfAborted();
  }

  /** Resolves once it has had the time that an instance of AWS takes for this. */
  async take(what: keyof HostTimings): Promise<void> {
    if (this.timings[what] > 0) await this.sleep(this.timings[what]);
  }

  /** `install_etcd` of `functions/hosts/boot/software.sh`. */
  async installEtcd(): Promise<void> {
    if (!this.files.etcdInstalled && !isPrepared(this.spec)) await this.take("installEtcd");
    this.files.etcdInstalled = true;
  }

  /** `install_kubernetes`, which masters begin beside the rest. */
  async installKubernetes(): Promise<void> {
    this.files.kubernetesInstalled ??= isPrepared(this.spec) ? Promise.resolve() : this.take("installKubernetes");
    await this.files.kubernetesInstalled;
  }

  /** The work of `kubeadm init`, whose images a prepared machine has. */
  async startControlPlane(): Promise<void> {
    if (!isPrepared(this.spec)) await this.take("pullImages");
    await this.take("controlPlane");
  }

  listens(port: number, path?: string): boolean {
    const etcd = this.etcd && this.network.etcd.statusOf(this.etcd);
    if (port === 2379 || port === 2380) return etcd !== undefined;
    if (port === 6443)
      return (
        this.files.kubelet !== undefined &&
        this.files.master !== undefined &&
        !this.files.held?.apiServer &&
        (path === undefined || this.apiReady)
      );
    return false;
  }

  /** The API server here, unless a restore has stopped it, asks its own etcd alone. */
  get apiReady(): boolean {
    return !this.files.held?.apiServer && this.etcdUnit.withQuorum() !== undefined;
  }

  /** The unit `holdfast-boot`: begun again until it has succeeded, or has refused its volume. */
  async #runUserData(): Promise<void> {
    const variables = bootVariables(this.spec.userData);
    const master = masterVariables(variables);
    const cluster = variables.get("CLUSTER");
    await this.take("userData");
    this.say("Cloud-init finished");
    for (;;) {
      try {
        if (master) await bootMaster(this, master);
        else if (cluster !== undefined) await bootNode(this, cluster);
        this.files.booted = true;
        return;
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        if (!this.up || said.startsWith("refused:")) throw error;
        this.say(`holdfast: ${said}`);
      }
      await this.sleep(BOOT_RESTART_MS);
    }
  }

  /**
   * What goes wrong in the background is on the console, where a person would look; the end of the host is nothing
   * wrong.
   */
  runInBackground(work: Promise<void>): void {
    const { signal } = this;
    work.catch((error: unknown) => {
      if (!signal.aborted) this.say(`holdfast: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
}
