import type { HostDriver } from "./driver.ts";

/** How the data of etcd on a volume is damaged. */
export interface VolumeDamage {
  /** `db` is the store of keys (bbolt), `wal` the write-ahead log. */
  readonly file: "db" | "wal";
  /** `flip` changes bits near the start of what was written, `truncate` cuts the file in the middle of it. */
  readonly how: "flip" | "truncate";
  /** A number from 0 to below 1. */
  readonly random: () => number;
}

/** What can go wrong with a host or its disk, beyond what EC2 itself does to them. */
export interface HostFaults {
  /** Pulls or plugs in the network cable of a running host. Its management agent is out of reach meanwhile. */
  setLink(instanceId: string, up: boolean): Promise<void>;
  /** Drops what a running host sends to these addresses, and nothing else: neither what they send to it, nor its agent's words. */
  setBlocked(instanceId: string, addresses: readonly string[], blocked: boolean): Promise<void>;
  /** Stops or continues all processes of a running host. */
  setFrozen(instanceId: string, frozen: boolean): Promise<void>;
  /** Signals every process of a host that runs a program; resolves with how many there are. */
  signalProgram(instanceId: string, program: string, signal: "SIGSTOP" | "SIGCONT" | "SIGKILL"): Promise<number>;
  /** The disk dies: nothing on it can be read or written any more, and programs that have it open on `instanceId` die of it. */
  breakVolume(volumeId: string, instanceId: string | undefined): Promise<void>;
  /** Damages etcd's data. Programs that have it open on `instanceId` die, so that they read what lies there now. */
  corruptVolume(volumeId: string, instanceId: string | undefined, damage: VolumeDamage): Promise<void>;
}

/** Can this driver provoke faults? One that only simulates hosts cannot. */
export function canFail<D extends HostDriver>(driver: D): driver is D & HostFaults {
  return "breakVolume" in driver;
}
