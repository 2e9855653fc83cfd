import type { MemberAnswer } from "./quorum.ts";

/** What a member's record, and its cluster's, say of the data that its etcd serves. */
export interface OwnData {
  readonly volumeId: string | null;
  /** etcd's id of the cluster; undefined until all members were seen to agree on it. */
  readonly clusterId: string | undefined;
}

/** What a host, or etcd itself, says of it; what it does not say is no difference. */
export interface ServedData {
  readonly volumeId?: string | undefined;
  readonly clusterId?: string | null | undefined;
}

/** How a member serves other data than its own; undefined if it does not. */
export function explainForeignData(served: ServedData, own: OwnData): string | undefined {
  if (served.volumeId !== undefined && own.volumeId !== null && served.volumeId !== own.volumeId) {
    return `it serves the data of volume ${served.volumeId}, and its volume is ${own.volumeId}`;
  }
  const { clusterId } = served;
  if (clusterId == null || own.clusterId === undefined || clusterId === own.clusterId) return undefined;
  return `it serves the data of the etcd cluster ${clusterId}, and belongs to ${own.clusterId}`;
}

/** An answer from other data than the member's own is unhealthy and ignored (`quorum.ts`). */
export function checkServedData(answer: MemberAnswer, own: OwnData): MemberAnswer {
  const detail = explainForeignData(answer, own);
  return detail === undefined ? answer : { ...answer, healthy: false, trouble: { kind: "foreign", detail } };
}

/** etcd's id of the cluster if every one of `size` members is healthy and says the same; undefined otherwise. */
export function agreedClusterId(answers: readonly MemberAnswer[], size: number): string | undefined {
  const ids = new Set(answers.map(({ healthy, clusterId }) => (healthy ? clusterId : null)));
  const [id] = ids;
  return ids.size === 1 && answers.length === size ? (id ?? undefined) : undefined;
}

/** A member whose instance runs, and where EC2 says that its volume is. */
export interface Attachment {
  readonly member: string;
  readonly volumeId: string | null;
  readonly instanceId: string | null;
  /** The instance that has the volume, or is being given it; null for none. */
  readonly attachedTo: string | null;
}

/** Why a running instance cannot have its member's volume; undefined if EC2 says that it has. */
export function explainDetached({ member, volumeId, instanceId, attachedTo }: Attachment): string | undefined {
  if (attachedTo === instanceId) return undefined;
  const elsewhere = attachedTo === null ? "" : ` and is attached to ${attachedTo}`;
  return `the volume ${volumeId} of master ${member} was detached from ${instanceId}${elsewhere}`;
}

/** What is known of one member: from EC2, from its own answer, and from its heartbeats. */
export interface DataFacts {
  readonly detached: string | undefined;
  readonly answer: MemberAnswer;
  /** Its heartbeats have reported an unhealthy etcd for long, or have stopped. */
  readonly down: boolean;
}

/**
 * Why a member cannot serve its data on its instance; then no vote is lost with that instance. A member with a healthy
 * etcd on its own volume serves its data, whatever EC2 reports: a read may lag.
 */
export function whyWithoutData({ detached, answer, down }: DataFacts): string | undefined {
  const { trouble } = answer;
  if (trouble?.kind === "foreign") return trouble.detail;
  if (answer.healthy) return undefined;
  if (detached !== undefined) return detached;
  return trouble?.kind === "volume" && down ? trouble.detail : undefined;
}
