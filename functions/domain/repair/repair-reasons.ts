import { isOrAre } from "../text/counted.ts";
import type { MemberFacts } from "./member-facts.ts";
import { quorumOf } from "./quorum.ts";

export function explainWithoutData(facts: readonly MemberFacts[]): string {
  return facts.map(({ member, withoutData }) => `${member}: ${withoutData}`).join("; ");
}

export function explainHeld(facts: readonly MemberFacts[]): string {
  return facts
    .map(({ member, heldBy }) => `the volume of ${member} is attached to ${heldBy}, which is not this cluster's`)
    .join("; ");
}

interface Stuck {
  readonly lost: readonly MemberFacts[];
  readonly hung: readonly MemberFacts[];
  readonly healthy: number;
  readonly needed: number;
  readonly size: number;
  readonly disagreement: string;
}

export function explainStuck({ lost, hung, healthy, needed, size, disagreement }: Stuck): string {
  const count = `${healthy} of ${size} members are healthy and of one mind, ${needed} ${isOrAre(needed)} needed`;
  if (lost.length > 0) {
    const damaged = lost.flatMap(({ damage }) => (damage === undefined ? [] : [damage]));
    return (
      `the data of ${list(lost)} is lost${damaged.length > 0 ? ` (${damaged.join("; ")})` : ""} and ${count}: ` +
      "etcd's membership is not changed without a majority. " +
      "Bring the other members back, or restore the cluster from a backup."
    );
  }
  if (hung.length > 0) {
    return `${list(hung)} not healthy on running instances and ${count}: ending one could cost what is left. Look at etcd on these hosts.`;
  }
  return `every member is healthy by itself, but they do not agree: ${disagreement}`;
}

/** Why no member can commit; undefined while a majority has its volume. */
export function explainNoMajority(lost: readonly string[], size: number): string | undefined {
  const needed = quorumOf(size);
  if (size - lost.length >= needed) return undefined;
  return `the volumes of ${lost.join(", ")} are gone, and ${needed} of ${size} members are needed: none can commit`;
}

export function explainFull(full: readonly MemberFacts[]): string {
  return `etcd has no space: ${full.map(({ member, answer }) => `${member}: ${answer.trouble?.detail}`).join("; ")}. It answers reads and refuses writes; a new instance would not change that`;
}

export function explainHung({ member, answer }: MemberFacts): string {
  return answer.trouble?.kind === "crashing"
    ? `etcd of ${member} ends itself again and again: ${answer.trouble.detail}`
    : `etcd of ${member} does not answer on its running instance`;
}

export function explainKubernetes(facts: readonly MemberFacts[]): string {
  return facts.flatMap(({ member, kubernetes }) => (kubernetes ? [`${member}: ${kubernetes.reason}`] : [])).join("; ");
}

export function explainLost({ member, volume, damage }: MemberFacts): string {
  return volume === "damaged"
    ? `the volume of ${member} is damaged and kept: ${damage}`
    : `the volume of ${member} is lost`;
}

export function list(facts: readonly MemberFacts[]): string {
  return facts.map(({ member }) => member).join(", ");
}
