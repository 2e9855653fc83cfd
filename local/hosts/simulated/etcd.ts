import type { Clock } from "../../context/clock.ts";
import { addedMemberId, clusterIdOf, initialMemberId } from "./etcd-ids.ts";
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

/** Half of etcd's shortest election time-out is what clusters here need. */
const ELECTION_MS = 100;

interface Leadership {
  leader: bigint;
  term: number;
  electionAt: number | undefined;
}

/**
 * All etcd processes of one VPC, as one model of what raft guarantees: a change counts when a majority of the voters
 * can hear each other; what was agreed is on the volume of everyone who was there, and whoever comes back catches up
 * from those. There is no log and no message: agreement takes no time, only elections do.
 */
export class EtcdNetwork {
  readonly #clock: Clock;
  readonly #running = new Set<EtcdProcess>();
  readonly #leaderships = new Map<bigint, Leadership>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Starts one; the volume's data decides, `initial*` settings only count without any. @throws EtcdRefused and does not
   * run
   */
  start(process: EtcdProcess): void {
    const { content, broken } = process.volume;
    if (broken) throw new EtcdRefused("cannot access data directory: input/output error");
    if (content.etcd?.corrupt) throw new EtcdRefused("failed to open the data: it is corrupt");
    if (content.etcd?.removed) throw new EtcdRefused("the member has been permanently removed from the cluster");
    if (!content.etcd) process.volume.write({ etcd: this.#firstData(process.settings) });
    this.#running.add(process);
    this.#publishName(process);
    this.settle();
  }

  stop(process: EtcdProcess): void {
    if (this.#running.delete(process)) this.settle();
  }

  /**
   * Does everything that follows from who can hear whom now: elections, catching up. To be called after each change of
   * that.
   */
  settle(): void {
    for (const process of [...this.#running]) {
      if (this.#running.has(process)) this.#look(process);
    }
  }

  /** What the process would answer to `endpoint status`. */
  statusOf(process: EtcdProcess): EtcdStatus | undefined {
    const data = process.volume.content.etcd;
    if (!data || !this.#running.has(process) || process.isStill()) return undefined;
    const { clusterId, memberId, state } = data;
    const term = this.#leaderships.get(clusterId)?.term ?? 1;
    const learner = state.members.find(({ id }) => id === memberId)?.learner ?? false;
    return { clusterId, memberId, leader: this.#look(process), term, learner, index: state.index };
  }

  /** What those whom it hears would answer, itself among them, by their peer addresses. */
  statusesSeenBy(process: EtcdProcess): Map<string, EtcdStatus> {
    const seen = this.#heardBy(process).map((other) => [other.settings.peerUrl, this.statusOf(other)] as const);
    return new Map(seen.flatMap(([url, status]) => (status ? [[url, status]] : [])));
  }

  /** Would it answer a linearizable read? Learners do not serve any. */
  isHealthy(process: EtcdProcess): boolean {
    const status = this.statusOf(process);
    return status !== undefined && status.leader !== 0n && !status.learner;
  }

  stateOf(process: EtcdProcess): EtcdState {
    const data = process.volume.content.etcd;
    if (!data || !this.isHealthy(process)) throw new EtcdRefused("context deadline exceeded");
    return data.state;
  }

  setKey(process: EtcdProcess, key: string, value: string): void {
    const { keys } = this.stateOf(process);
    if (keys[key] !== value) this.#commit(process, { keys: { ...keys, [key]: value } });
  }

  deleteKey(process: EtcdProcess, key: string): void {
    const { [key]: gone, ...keys } = this.stateOf(process).keys;
    if (gone !== undefined) this.#commit(process, { keys });
  }

  addLearner(process: EtcdProcess, peerUrl: string): EtcdMember {
    const { members } = this.stateOf(process);
    if (members.some((member) => member.peerUrl === peerUrl))
      throw new EtcdRefused("etcdserver: Peer URLs already exists");
    if (members.some(({ learner }) => learner))
      throw new EtcdRefused("etcdserver: too many learner members in cluster");
    const id = addedMemberId(peerUrl, process.settings.token, Math.floor(this.#clock.now() / 1000));
    const member = { id, name: "", peerUrl, learner: true };
    this.#commit(process, { members: [...members, member] });
    return member;
  }

  promote(process: EtcdProcess, id: bigint): void {
    const { members } = this.stateOf(process);
    const member = members.find((candidate) => candidate.id === id);
    if (!member) throw new EtcdRefused("etcdserver: member not found");
    if (!member.learner) throw new EtcdRefused("etcdserver: can only promote a learner member");
    if (!this.#heardBy(process).some((other) => memberIdOf(other) === id))
      throw new EtcdRefused("etcdserver: can only promote a learner member which is in sync with leader");
    this.#commit(process, {
      members: members.map((other) => (other === member ? { ...other, learner: false } : other)),
    });
  }

  remove(process: EtcdProcess, id: bigint): void {
    const { members } = this.stateOf(process);
    if (!members.some((member) => member.id === id)) throw new EtcdRefused("etcdserver: member not found");
    const left = members.filter((member) => member.id !== id);
    const voters = left.filter(({ learner }) => !learner);
    const heard = new Set(this.#heardBy(process).map(memberIdOf));
    if (voters.filter((voter) => heard.has(voter.id)).length < majority(voters.length))
      throw new EtcdRefused("etcdserver: re-configuration failed due to not enough started members");
    this.#commit(process, { members: left });
  }

  moveLeader(process: EtcdProcess, id: bigint): void {
    const status = this.statusOf(process);
    const leadership = status && this.#leaderships.get(status.clusterId);
    if (!status || !leadership || status.leader !== status.memberId) throw new EtcdRefused("no leader endpoint found");
    const heir = this.#voters(process).find((voter) => memberIdOf(voter) === id);
    if (!heir) throw new EtcdRefused("etcdserver: bad leader transferee");
    Object.assign(leadership, { leader: id, term: leadership.term + 1 });
  }

  #firstData({ token, peerUrl, initialCluster, initialClusterState }: EtcdSettings): EtcdData {
    const whole = { removed: false, corrupt: false };
    if (initialClusterState === "new") {
      const members = initialCluster.map((member) => ({
        ...member,
        id: initialMemberId(member.peerUrl, token),
        learner: false,
      }));
      const clusterId = clusterIdOf(members.map(({ id }) => id));
      return { clusterId, memberId: initialMemberId(peerUrl, token), state: { index: 1, members, keys: {} }, ...whole };
    }
    const urls = new Set(initialCluster.map((member) => member.peerUrl));
    const peer = [...this.#running].find((other) => urls.has(other.settings.peerUrl) && this.isHealthy(other));
    const known = peer?.volume.content.etcd;
    if (!known) throw new EtcdRefused("cannot fetch cluster info from peer urls");
    const own = known.state.members.find((member) => member.peerUrl === peerUrl);
    if (!own || known.state.members.length !== initialCluster.length)
      throw new EtcdRefused("error validating peerURLs: member count is unequal");
    return { clusterId: known.clusterId, memberId: own.id, state: known.state, ...whole };
  }

  /** A member that was added has no name until it starts for the first time and informs the others. */
  #publishName(process: EtcdProcess): void {
    const data = process.volume.content.etcd;
    if (!data || this.#look(process) === 0n) return;
    const { members } = process.volume.content.etcd?.state ?? data.state;
    const own = members.find(({ id }) => id === data.memberId);
    if (own?.name !== "") return;
    const named = { ...own, name: process.settings.name };
    this.#commit(process, { members: members.map((member) => (member === own ? named : member)) });
  }

  /** The leader that the process follows, after it has caught up; 0 without a majority, or while an election runs. */
  #look(process: EtcdProcess): bigint {
    const clusterId = process.volume.content.etcd?.clusterId;
    if (clusterId === undefined) return 0n;
    const leadership = this.#leadership(clusterId);
    const leader = this.#leaderOf(clusterId);
    // Whoever cannot hear a leader that has its majority has to wait: nobody would vote for it.
    if (!leader && this.#voters(process).length >= this.#needed(process))
      this.#elect(leadership, this.#voters(process));
    const followed = leader ?? this.#leaderOf(clusterId);
    if (!followed) return 0n;
    const heard = this.#heardBy(followed);
    const latest = latestOf(heard);
    if (latest) this.#replicate(heard, latest);
    return heard.includes(process) && this.#running.has(process) ? memberIdOf(followed) : 0n;
  }

  /** The process that was elected, while it runs and hears a majority. */
  #leaderOf(clusterId: bigint): EtcdProcess | undefined {
    const { leader } = this.#leadership(clusterId);
    const process = [...this.#running].find(
      (other) => other.volume.content.etcd?.clusterId === clusterId && memberIdOf(other) === leader,
    );
    if (!process || process.isStill() || process.volume.broken) return undefined;
    const voters = this.#voters(process);
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
  #commit(process: EtcdProcess, change: Partial<EtcdState>): void {
    const data = process.volume.content.etcd;
    const leader = data && this.#leaderOf(data.clusterId);
    if (!data || !leader) return;
    this.#replicate(this.#heardBy(leader), { ...data.state, ...change, index: data.state.index + 1 });
  }

  #replicate(processes: readonly EtcdProcess[], state: EtcdState): void {
    for (const process of processes) {
      const data = process.volume.content.etcd;
      if (!data || (data.state === state && !data.removed)) continue;
      const removed = !state.members.some(({ id }) => id === data.memberId);
      process.volume.write({ etcd: { ...data, state, removed } });
      if (!removed) continue;
      this.#running.delete(process);
      process.end("the member has been permanently removed from the cluster");
    }
  }

  /** Whom a process can hear, itself among them: those of its cluster that run and are reachable. */
  #heardBy(process: EtcdProcess): EtcdProcess[] {
    const clusterId = process.volume.content.etcd?.clusterId;
    const awake = [...this.#running].filter(
      (other) => other.volume.content.etcd?.clusterId === clusterId && !other.isStill() && !other.volume.broken,
    );
    // A connection needs both ways.
    return awake.filter((other) => other === process || (reaches(process, other) && reaches(other, process)));
  }

  /** The voters among those whom it hears, by the latest that any of them knows. */
  #voters(process: EtcdProcess): EtcdProcess[] {
    const heard = this.#heardBy(process);
    const votes = votersOf(latestOf(heard));
    return heard.filter((other) => votes.includes(memberIdOf(other)));
  }

  /** How many of them are a majority. */
  #needed(process: EtcdProcess): number {
    return majority(votersOf(latestOf(this.#heardBy(process))).length);
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

function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

function memberIdOf({ volume }: EtcdProcess): bigint {
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
