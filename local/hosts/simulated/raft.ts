import type { Clock } from "../../context/clock.ts";
import type { EtcdProcess, EtcdState } from "./etcd-types.ts";

/** Half of etcd's shortest election time-out is what clusters here need. */
const ELECTION_MS = 100;

interface Leadership {
  leader: bigint;
  term: number;
  electionAt: number | undefined;
}

/**
 * What raft guarantees: a change counts when a majority of the voters can hear each other; what was agreed is on the
 * volume of everyone who was there, and whoever comes back catches up from those. There is no log and no message:
 * agreement takes no time, only elections do.
 */
export class Raft {
  readonly running = new Set<EtcdProcess>();
  readonly #clock: Clock;
  readonly #leaderships = new Map<bigint, Leadership>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Elections and catching up that follow from who can hear whom now. */
  settle(): void {
    for (const process of [...this.running]) {
      if (this.running.has(process)) this.follow(process);
    }
  }

  termOf(clusterId: bigint): number {
    return this.#leaderships.get(clusterId)?.term ?? 1;
  }

  /** The leader that the process follows, after it has caught up; 0 without a majority, or while an election runs. */
  follow(process: EtcdProcess): bigint {
    const clusterId = process.volume.content.etcd?.clusterId;
    if (clusterId === undefined) return 0n;
    const leadership = this.#leadership(clusterId);
    const leader = this.#leaderOf(clusterId);
    // Whoever cannot hear a leader that has its majority has to wait: nobody would vote for it.
    if (!leader && this.voters(process).length >= this.#needed(process)) this.#elect(leadership, this.voters(process));
    const followed = leader ?? this.#leaderOf(clusterId);
    if (!followed) return 0n;
    const heard = this.heardBy(followed);
    const latest = latestOf(heard);
    if (latest) this.#replicate(heard, latest);
    return heard.includes(process) && this.running.has(process) ? memberIdOf(followed) : 0n;
  }

  transfer(clusterId: bigint, leader: bigint): void {
    const leadership = this.#leadership(clusterId);
    Object.assign(leadership, { leader, term: leadership.term + 1 });
  }

  /** The process that was elected, while it runs and hears a majority. */
  #leaderOf(clusterId: bigint): EtcdProcess | undefined {
    const { leader } = this.#leadership(clusterId);
    const process = [...this.running].find(
      (other) => other.volume.content.etcd?.clusterId === clusterId && memberIdOf(other) === leader,
    );
    if (!process || process.isStill() || process.volume.broken) return undefined;
    const voters = this.voters(process);
    return voters.includes(process) && voters.length >= this.#needed(process) ? process : undefined;
  }

  #elect(leadership: Leadership, present: readonly EtcdProcess[]): void {
    const now = this.#clock.now();
    if (leadership.electionAt === undefined) {
      Object.assign(leadership, { leader: 0n, electionAt: now + ELECTION_MS });
      void this.#clock.sleep(ELECTION_MS).then(() => this.settle());
      return;
    }
    if (now < leadership.electionAt) return;
    // Only one that has everything that was agreed can win.
    const best = present.toSorted((one, other) => indexOf(other) - indexOf(one))[0];
    if (!best) return;
    Object.assign(leadership, { leader: memberIdOf(best), term: leadership.term + 1, electionAt: undefined });
  }

  /** What one proposes goes to the leader, and from there to all whom that hears. */
  commit(process: EtcdProcess, change: Partial<EtcdState>): void {
    const data = process.volume.content.etcd;
    const leader = data && this.#leaderOf(data.clusterId);
    if (!data || !leader) return;
    this.#replicate(this.heardBy(leader), { ...data.state, ...change, index: data.state.index + 1 });
  }

  #replicate(processes: readonly EtcdProcess[], state: EtcdState): void {
    for (const process of processes) {
      const data = process.volume.content.etcd;
      if (!data || (data.state === state && !data.removed)) continue;
      const removed = !state.members.some(({ id }) => id === data.memberId);
      process.volume.write({ etcd: { ...data, state, removed } });
      if (!removed) continue;
      this.running.delete(process);
      process.end("the member has been permanently removed from the cluster");
    }
  }

  /** Whom a process can hear, itself among them: those of its cluster that run and are reachable. */
  heardBy(process: EtcdProcess): EtcdProcess[] {
    const clusterId = process.volume.content.etcd?.clusterId;
    const awake = [...this.running].filter(
      (other) => other.volume.content.etcd?.clusterId === clusterId && !other.isStill() && !other.volume.broken,
    );
    // A connection needs both ways.
    return awake.filter((other) => other === process || (reaches(process, other) && reaches(other, process)));
  }

  /** The voters among those whom it hears, by the latest that any of them knows. */
  voters(process: EtcdProcess): EtcdProcess[] {
    const heard = this.heardBy(process);
    const votes = votersOf(latestOf(heard));
    return heard.filter((other) => votes.includes(memberIdOf(other)));
  }

  /** How many of them are a majority. */
  #needed(process: EtcdProcess): number {
    return majority(votersOf(latestOf(this.heardBy(process))).length);
  }

  #leadership(clusterId: bigint): Leadership {
    const known = this.#leaderships.get(clusterId);
    if (known) return known;
    const fresh = { leader: 0n, term: 1, electionAt: undefined };
    this.#leaderships.set(clusterId, fresh);
    return fresh;
  }
}

function reaches(from: EtcdProcess, to: EtcdProcess): boolean {
  return from.reaches(new URL(to.settings.peerUrl).hostname);
}

export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

export function memberIdOf({ volume }: EtcdProcess): bigint {
  return volume.content.etcd?.memberId ?? 0n;
}

function indexOf({ volume }: EtcdProcess): number {
  return volume.content.etcd?.state.index ?? 0;
}

function votersOf(state: EtcdState | undefined): bigint[] {
  return (state?.members ?? []).filter(({ learner }) => !learner).map(({ id }) => id);
}

function latestOf(processes: readonly EtcdProcess[]): EtcdState | undefined {
  return processes
    .flatMap(({ volume }) => (volume.content.etcd ? [volume.content.etcd.state] : []))
    .toSorted((one, other) => other.index - one.index)[0];
}
