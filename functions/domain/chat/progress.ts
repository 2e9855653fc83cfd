import type { ClusterView, OperationView } from "../api/views.ts";

/** Slack takes five answers at one address, within thirty minutes (docs/references/aws.md#slack). */
export const MAX_POSTS = 5;
const ADDRESS_LIFE_MS = 30 * 60_000;
/** Room for the last word before the address dies. */
const LAST_WORD_MS = 90_000;
/**
 * Times after an operation's start at which its second, third and fourth message are due. The fifth message reports its
 * end.
 */
const WORTH_MS = [0, 5_000, 60_000, 300_000];

export type PostResult = "post" | "wait" | "close";

/** Whether to post the current sentence. `close` posts it as the last one. */
export function evaluatePost(facts: {
  readonly posts: number;
  readonly ageMs: number;
  readonly ended: boolean;
  readonly said: string;
  readonly now: string;
}): PostResult {
  if (facts.ended) return "post";
  if (facts.ageMs > ADDRESS_LIFE_MS - LAST_WORD_MS) return "close";
  const worth = WORTH_MS[facts.posts];
  if (worth === undefined || facts.said === facts.now || facts.ageMs < worth) return "wait";
  return "post";
}

/** How an operation stands, in one sentence. */
export function progressSentence(operation: OperationView, cluster: ClusterView | null): string {
  if (operation.status === "FAILED") {
    const { message = "It failed.", remedy = "" } = operation.error ?? {};
    return `${message} ${remedy}`.trimEnd();
  }
  if (cluster === null) return `${operation.cluster} is not there.`;
  const { quorum, nodes, spec } = cluster;
  const ready = nodes.filter((node) => node.ready).length;
  const facts = `quorum ${quorum.healthy}/${quorum.size}, nodes ${ready}/${Math.max(spec.nodeCount, nodes.length)} ready`;
  if (operation.status === "SUCCEEDED") return `${cluster.name} is ${cluster.status}: ${facts}.`;
  const running = operation.steps.filter(({ status }) => status === "RUNNING" || status === "WAITING");
  const names = [...new Set(running.map(({ name }) => name))].join(", ");
  return `${names === "" ? "Between two steps" : names}: ${facts}.`;
}
