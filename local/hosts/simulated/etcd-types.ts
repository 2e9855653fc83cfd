import type { SimulatedVolume } from "./volume.ts";

export interface EtcdMember {
  readonly id: bigint;
  /** Empty until the member has started. */
  readonly name: string;
  readonly peerUrl: string;
  readonly learner: boolean;
}

/** Everything that a cluster has agreed on so far. `index` grows by one with each change. */
export interface EtcdState {
  readonly index: number;
  readonly members: readonly EtcdMember[];
  /** What Kubernetes keeps there. */
  readonly keys: Readonly<Record<string, string>>;
}

/** `--max-learners`, as `functions/hosts/boot/software.sh` sets it. */
export const MAX_LEARNERS = 2;

/** A data directory. */
export interface EtcdData {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly state: EtcdState;
  /** The cluster took this member out: it never takes part again. */
  readonly removed: boolean;
  readonly corrupt: boolean;
}

/** etcd's own flags, as `functions/hosts/boot/master.sh` sets them. */
export interface EtcdSettings {
  readonly name: string;
  readonly token: string;
  readonly peerUrl: string;
  readonly initialCluster: readonly { readonly name: string; readonly peerUrl: string }[];
  readonly initialClusterState: "new" | "existing";
}

/** An etcd that runs on a host. */
export interface EtcdProcess {
  readonly settings: EtcdSettings;
  readonly volume: SimulatedVolume;
  /** It makes no progress: it or its host is stopped by a signal. */
  readonly isStill: () => boolean;
  /** What its host sends to another address gets there. */
  readonly reaches: (address: string) => boolean;
  /** Called when it must end: its member was removed. */
  readonly end: (why: string) => void;
}

/** What one process knows of its cluster's mind. */
export interface EtcdStatus {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** 0 while it knows of none. */
  readonly leader: bigint;
  readonly term: number;
  readonly learner: boolean;
  readonly index: number;
}

/** etcd refused, in its own words. */
export class EtcdRefused extends Error {}
