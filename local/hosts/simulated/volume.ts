import type { EtcdData } from "./etcd-types.ts";

/** What is on a simulated volume. A blank one has no file system. */
export interface VolumeContent {
  readonly formatted: boolean;
  /** The text of `holdfast-identity`. */
  readonly identity: string | undefined;
  readonly etcd: EtcdData | undefined;
  /** The token of the restore that made the data: `data/member/holdfast-restored`. */
  readonly restoredBy?: string | undefined;
  /** What a restore has moved away: `data.before-TOKEN`. */
  readonly kept?: KeptData | undefined;
}

interface KeptData {
  readonly token: string;
  readonly etcd: EtcdData;
  readonly restoredBy: string | undefined;
}

const BLANK: VolumeContent = { formatted: false, identity: undefined, etcd: undefined };

/** An EBS volume that is nothing but its content, and on which host it is. */
export class SimulatedVolume {
  readonly id: string;
  content: VolumeContent;
  /** The disk has died: nothing can be read or written. */
  broken = false;
  /** There is no space for a restored database. */
  full = false;
  attachedTo: string | undefined;
  mounted = false;

  constructor(id: string, content: VolumeContent = BLANK) {
    this.id = id;
    this.content = content;
  }

  write(change: Partial<VolumeContent>): void {
    this.content = { ...this.content, ...change };
  }
}
