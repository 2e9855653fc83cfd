import { type EtcdProcess, EtcdRefused } from "./etcd-types.ts";
import type { SimulatedHost } from "./host.ts";
import type { SimulatedVolume } from "./volume.ts";

/** `RestartSec=1` of etcd's unit. */
const RESTART_MS = 1_000;

/**
 * etcd's unit on a host: a process that cannot run, or ends, is started again after a second, for as long as the host
 * is up.
 */
export class EtcdUnit {
  readonly #host: SimulatedHost;
  #process: EtcdProcess | undefined;
  #stopped = false;
  #refusals = { count: 0, said: "" };

  constructor(host: SimulatedHost) {
    this.#host = host;
  }

  get process(): EtcdProcess | undefined {
    return this.#process;
  }

  /** How often etcd would not start on this host, and what it said last. */
  get refusals(): { readonly count: number; readonly said: string } {
    return this.#refusals;
  }

  start(volume: SimulatedVolume): void {
    const host = this.#host;
    const { master, held } = host.files;
    if (!master || !host.up || held?.etcd) return;
    const process: EtcdProcess = {
      settings: {
        name: master.member,
        token: master.uid,
        peerUrl: `https://${master.address}:2380`,
        initialCluster: master.initialCluster,
        initialClusterState: master.generation > 1 ? "existing" : "new",
      },
      volume,
      isStill: () => host.frozen || this.#stopped,
      reaches: (address) => host.opens(address, 2380),
      end: (why) => this.#ended(volume, why),
    };
    this.#process = process;
    try {
      host.network.etcd.start(process);
    } catch (error) {
      if (!(error instanceof EtcdRefused)) throw error;
      this.#refusals = { count: this.#refusals.count + 1, said: error.message };
      this.#ended(volume, error.message);
    }
  }

  stop(): void {
    const process = this.#process;
    this.#process = undefined;
    if (process) this.#host.network.etcd.stop(process);
  }

  /** The host goes down. */
  powerOff(): void {
    this.#stopped = false;
    this.stop();
  }

  /** SIGSTOP, SIGCONT or SIGKILL for etcd; false if none runs. */
  signal(signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): boolean {
    const process = this.#process;
    if (!process) return false;
    this.#stopped = signal === "SIGSTOP";
    if (signal === "SIGKILL") this.#ended(process.volume, "signal: killed");
    this.#host.network.etcd.settle();
    return true;
  }

  /** The etcd here, if it answers reads. */
  withQuorum(): EtcdProcess | undefined {
    return this.#process && this.#host.network.etcd.isHealthy(this.#process) ? this.#process : undefined;
  }

  #ended(volume: SimulatedVolume, why: string): void {
    const host = this.#host;
    this.powerOff();
    host.say(`etcd ended: ${why}`);
    host.runInBackground(
      host.sleep(RESTART_MS).then(() => {
        if (volume.mounted && volume.attachedTo === host.spec.instanceId && !this.#process) this.start(volume);
      }),
    );
  }
}
