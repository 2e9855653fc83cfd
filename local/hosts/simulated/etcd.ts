import type { Clock } from "../../context/clock.ts";
import { addedMemberId, clusterIdOf, initialMemberId } from "./etcd-ids.ts";
import {
  type EtcdData,
  type EtcdMember,
  type EtcdProcess,
  EtcdRefused,
  type EtcdSettings,
  type EtcdState,
  type EtcdStatus,
  MAX_LEARNERS,
} from "./etcd-types.ts";
import { majority, memberIdOf, Raft } from "./raft.ts";

/** All etcd processes of one VPC. */
export class EtcdNetwork {
  readonly #clock: Clock;
  readonly #raft: Raft;
  readonly #forks: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#raft = new Raft(clock);
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
    this.#raft.running.add(process);
    this.#noteFork(process);
    this.#publishName(process);
    this.settle();
  }

  /** Moments at which two etcd clusters of one token, and so of one Holdfast cluster, were alive: empty if all is well. */
  get forks(): readonly string[] {
    return this.#forks;
  }

  #noteFork({ settings, volume }: EtcdProcess): void {
    const id = volume.content.etcd?.clusterId;
    const others = [...this.#raft.running].filter(
      (other) => other.settings.token === settings.token && other.volume.content.etcd?.clusterId !== id,
    );
    if (others.length === 0) return;
    const alive = others.map((other) => `${other.settings.name} serves ${other.volume.content.etcd?.clusterId}`);
    this.#forks.push(`${settings.token}: ${settings.name} serves ${id} while ${alive.join(", ")}`);
  }

  stop(process: EtcdProcess): void {
    if (this.#raft.running.delete(process)) this.settle();
  }

  /**
   * Does everything that follows from who can hear whom now: elections, catching up. To be called after each change of
   * that.
   */
  settle(): void {
    this.#raft.settle();
  }

  /** What the process would answer to `endpoint status`. */
  statusOf(process: EtcdProcess): EtcdStatus | undefined {
    const data = process.volume.content.etcd;
    if (!data || !this.#raft.running.has(process) || process.isStill()) return undefined;
    const { clusterId, memberId, state } = data;
    const term = this.#raft.termOf(clusterId);
    const learner = state.members.find(({ id }) => id === memberId)?.learner ?? false;
    return { clusterId, memberId, leader: this.#raft.follow(process), term, learner, index: state.index };
  }

  /** What those whom it hears would answer, itself among them, by their peer addresses. */
  statusesSeenBy(process: EtcdProcess): Map<string, EtcdStatus> {
    const seen = this.#raft.heardBy(process).map((other) => [other.settings.peerUrl, this.statusOf(other)] as const);
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
    if (keys[key] !== value) this.#raft.commit(process, { keys: { ...keys, [key]: value } });
  }

  deleteKey(process: EtcdProcess, key: string): void {
    const { [key]: gone, ...keys } = this.stateOf(process).keys;
    if (gone !== undefined) this.#raft.commit(process, { keys });
  }

  addLearner(process: EtcdProcess, peerUrl: string): EtcdMember {
    const { members } = this.stateOf(process);
    if (members.some((member) => member.peerUrl === peerUrl))
      throw new EtcdRefused("etcdserver: Peer URLs already exists");
    if (members.filter(({ learner }) => learner).length >= MAX_LEARNERS)
      throw new EtcdRefused("etcdserver: too many learner members in cluster");
    const id = addedMemberId(peerUrl, process.settings.token, Math.floor(this.#clock.now() / 1000));
    const member = { id, name: "", peerUrl, learner: true };
    this.#raft.commit(process, { members: [...members, member] });
    return member;
  }

  promote(process: EtcdProcess, id: bigint): void {
    const { members } = this.stateOf(process);
    const member = members.find((candidate) => candidate.id === id);
    if (!member) throw new EtcdRefused("etcdserver: member not found");
    if (!member.learner) throw new EtcdRefused("etcdserver: can only promote a learner member");
    if (!this.#raft.heardBy(process).some((other) => memberIdOf(other) === id))
      throw new EtcdRefused("etcdserver: can only promote a learner member which is in sync with leader");
    this.#raft.commit(process, {
      members: members.map((other) => (other === member ? { ...other, learner: false } : other)),
    });
  }

  remove(process: EtcdProcess, id: bigint): void {
    const { members } = this.stateOf(process);
    if (!members.some((member) => member.id === id)) throw new EtcdRefused("etcdserver: member not found");
    const left = members.filter((member) => member.id !== id);
    const voters = left.filter(({ learner }) => !learner);
    const heard = new Set(this.#raft.heardBy(process).map(memberIdOf));
    if (voters.filter((voter) => heard.has(voter.id)).length < majority(voters.length))
      throw new EtcdRefused("etcdserver: re-configuration failed due to not enough started members");
    this.#raft.commit(process, { members: left });
  }

  moveLeader(process: EtcdProcess, id: bigint): void {
    const status = this.statusOf(process);
    if (!status || status.leader !== status.memberId) throw new EtcdRefused("no leader endpoint found");
    this.moveLeaderTo(process, id);
  }

  /** The same, asked of the leader from another host. */
  moveLeaderTo(process: EtcdProcess, id: bigint): void {
    const status = this.statusOf(process);
    if (!status) throw new EtcdRefused("no leader endpoint found");
    const heir = this.#raft.voters(process).find((voter) => memberIdOf(voter) === id);
    if (!heir) throw new EtcdRefused("etcdserver: bad leader transferee");
    this.#raft.transfer(status.clusterId, id);
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
    const peer = [...this.#raft.running].find((other) => urls.has(other.settings.peerUrl) && this.isHealthy(other));
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
    if (!data || this.#raft.follow(process) === 0n) return;
    const { members } = process.volume.content.etcd?.state ?? data.state;
    const own = members.find(({ id }) => id === data.memberId);
    if (own?.name !== "") return;
    const named = { ...own, name: process.settings.name };
    this.#raft.commit(process, { members: members.map((member) => (member === own ? named : member)) });
  }
}
