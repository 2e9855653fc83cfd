import { isOrAre } from "../text/counted.ts";
/**
 * A member's current answer from etcd, or the fact that it gave none. Ids are strings: they exceed 2^53
 * (docs/references/aws.md#etcdctl).
 */
export interface MemberAnswer {
  readonly member: string;
  /** It answered `endpoint status`. The fields below are null when it did not. */
  readonly reachable: boolean;
  /** `endpoint health`: it can commit a proposal and raises no alarm. */
  readonly healthy: boolean;
  readonly clusterId: string | null;
  readonly memberId: string | null;
  /** `"0"` while it knows no leader. */
  readonly leaderId: string | null;
  readonly term: number | null;
  /** Of its data; absent when it did not say. */
  readonly revision?: number;
  readonly isLearner?: boolean;
  /** Of etcd: which runs, whatever the cluster's record says. */
  readonly etcdVersion?: string;
  /** The volume that its data lies on, as its host finds it mounted and identified; absent if it did not say. */
  readonly volumeId?: string;
  /** What is known of why it is not healthy. */
  readonly trouble?: Trouble;
  /** A restore has put its etcd on hold. */
  readonly held?: boolean;
  /** Whether kubelet answers, the API server is ready and the boot has finished. Each is absent if unknown. */
  readonly kubelet?: boolean;
  readonly apiServer?: boolean;
  readonly booted?: boolean;
  /** When the first of the certificates in use there expires, epoch seconds; absent when it did not say. */
  readonly certificatesUntil?: number;
}

/**
 * `refused`: the volume is not the member's. `crashing`: etcd exits repeatedly although it has data. `full`: it is out
 * of space. `boot`: the boot script failed. `volume`: the member's volume is not mounted or not identified. `foreign`:
 * it serves other data than the member's.
 */
export interface Trouble {
  readonly kind: "refused" | "crashing" | "full" | "boot" | "volume" | "foreign";
  readonly detail: string;
}

export interface QuorumResult {
  /** Voting members, answering or not. */
  readonly size: number;
  /** Voting members that agree with the majority and are healthy. */
  readonly healthy: number;
  readonly needed: number;
  /** Name of the leader that the majority follows; null when there is none or it did not answer itself. */
  readonly leader: string | null;
  readonly ok: boolean;
  readonly reason: string;
}

export interface DisruptionResult {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Fewest members that are a strict majority: 1 of 1, 2 of 3, 3 of 5. */
export function quorumOf(members: number): number {
  return Math.floor(members / 2) + 1;
}

/**
 * Evaluates the quorum: a strict majority of the voting members must answer, agree on the cluster id, and name the same
 * leader at the same term (docs/references/aws.md#etcdctl). Pass an answer for every known member, including those that
 * gave none.
 */
export function evaluateQuorum(answers: readonly MemberAnswer[]): QuorumResult {
  const voters = answers.filter(isVoter);
  const needed = quorumOf(voters.length);
  const agreeing = largestAgreement(voters);
  const ok = agreeing.length >= needed;
  const healthy = agreeing.filter((answer) => answer.healthy).length;
  const leading = ok ? agreeing.find(({ memberId, leaderId }) => memberId === leaderId) : undefined;
  const reason = explain(voters, agreeing, needed);
  return { size: voters.length, healthy, needed, leader: leading?.member ?? null, ok, reason };
}

/**
 * Decides whether `target` may be stopped. Every other voting member must be healthy and agree, and they alone must be
 * a quorum. The answers are etcd's own current answers, never records or instance counts.
 */
export function evaluateDisruption(answers: readonly MemberAnswer[], target: string): DisruptionResult {
  if (!answers.some((answer) => answer.member === target)) return no(`${target} is not a member`);
  const voters = answers.filter(isVoter);
  const needed = quorumOf(voters.length);
  const others = voters.filter((answer) => answer.member !== target);
  const fit = largestAgreement(others).filter((answer) => answer.healthy);
  const missing = others.filter((answer) => !fit.includes(answer));
  if (missing.length > 0) return no(`already missing: ${names(missing)}`);
  if (fit.length < needed) {
    return no(
      `without ${target} only ${fit.length} of ${voters.length} would be left, and ${needed} ${isOrAre(needed)} needed`,
    );
  }
  return { allowed: true, reason: `${names(fit)} are healthy and are a quorum without ${target}` };
}

function isVoter(answer: MemberAnswer): boolean {
  return answer.isLearner !== true;
}

/** The largest set of answering members with the same cluster, leader and term, each on its own data. */
function largestAgreement(voters: readonly MemberAnswer[]): readonly MemberAnswer[] {
  const answering = voters.filter(
    (answer) => answer.reachable && answer.clusterId && isOnOwnData(answer) && hasLeader(answer),
  );
  const groups = Map.groupBy(answering, (answer) => `${answer.clusterId} ${answer.leaderId} ${answer.term}`);
  return [...groups.values()].reduce<readonly MemberAnswer[]>(
    (largest, group) => (group.length > largest.length ? group : largest),
    [],
  );
}

function isOnOwnData({ trouble }: MemberAnswer): boolean {
  return trouble?.kind !== "foreign" && trouble?.kind !== "volume";
}

function hasLeader(answer: MemberAnswer): boolean {
  return answer.leaderId !== null && answer.leaderId !== "0";
}

function explain(voters: readonly MemberAnswer[], agreeing: readonly MemberAnswer[], needed: number): string {
  const count = `${agreeing.length} of ${voters.length} agree, ${needed} needed`;
  const silent = voters.filter((answer) => !answer.reachable);
  const dissenting = voters.filter((answer) => answer.reachable && !agreeing.includes(answer));
  const unhealthy = agreeing.filter((answer) => !answer.healthy);
  const details = [
    silent.length > 0 ? `no answer from ${names(silent)}` : "",
    dissenting.length > 0 ? `${names(dissenting)} see another leader, term or cluster, or none` : "",
    unhealthy.length > 0 ? `${names(unhealthy)} unhealthy` : "",
  ].filter((detail) => detail !== "");
  return [count, ...details].join("; ");
}

function names(answers: readonly MemberAnswer[]): string {
  return answers.map((answer) => answer.member).join(", ");
}

function no(reason: string): DisruptionResult {
  return { allowed: false, reason };
}
