import type { UnfinishedBoots } from "../cluster/records.ts";
import type { Heartbeat, KubernetesProblem } from "./heartbeats.ts";
import type { MemberAnswer } from "./quorum.ts";

/**
 * How long each problem may last before the master is replaced, in seconds. systemd restarts kubelet after ten seconds.
 * kubelet restarts a failed API server within five minutes. A boot may wait for mirrors.
 */
const LIMITS: Readonly<Record<KubernetesProblem, number>> = { kubelet: 60, disk: 60, "api-server": 600, boot: 1_200 };

const WORDS: Readonly<Record<KubernetesProblem, string>> = {
  kubelet: "kubelet does not answer",
  disk: "the root file system is full",
  "api-server": "the API server is not ready though etcd is healthy",
  boot: "the boot is not finished though etcd is healthy: kubeadm or what it installs fails",
};

/** Of etcd's making while etcd is not healthy. */
const NEEDS_ETCD = new Set<KubernetesProblem>(["api-server", "boot"]);

export interface KubernetesDown {
  readonly problem: KubernetesProblem;
  /** As a person reads it. */
  readonly reason: string;
}

/** A host's Kubernetes problem, once it has lasted too long; undefined if there is none. */
export function kubernetesDown(
  { kubernetesProblem: problem, kubernetesSince, healthy, since }: Heartbeat,
  { unfinished, nowSeconds }: { readonly unfinished: UnfinishedBoots | null | undefined; readonly nowSeconds: number },
): KubernetesDown | undefined {
  if (problem === undefined || kubernetesSince === undefined) return undefined;
  if (NEEDS_ETCD.has(problem) && !healthy) return undefined;
  const lasts = nowSeconds - (NEEDS_ETCD.has(problem) ? Math.max(kubernetesSince, since) : kubernetesSince);
  if (lasts <= LIMITS[problem] || (problem === "boot" && (unfinished?.retryAt ?? 0) > nowSeconds * 1000))
    return undefined;
  return { problem, reason: `${WORDS[problem]}, for ${lasts} s` };
}

/** True if the host's current answer contradicts its heartbeat. A missing answer is no contradiction. */
export function isContradicted({ problem }: KubernetesDown, answer: MemberAnswer): boolean {
  const healthy = { kubelet: answer.kubelet, disk: undefined, "api-server": answer.apiServer, boot: answer.booted };
  return healthy[problem] === true;
}

/**
 * The pause after a master was replaced for an unfinished boot: doubled each time, so that an outage of a mirror does
 * not loop.
 */
const FIRST_PAUSE_MS = 30 * 60_000;
const MAX_PAUSE_MS = 6 * 3_600_000;
/** So long after its pause a count begins again. */
const FORGOTTEN_MS = 24 * 3_600_000;

/** One more master of this member is replaced because its boot did not finish. */
export function countUnfinishedBoot(before: UnfinishedBoots | null | undefined, nowMs: number): UnfinishedBoots {
  const count = before && nowMs - before.retryAt < FORGOTTEN_MS ? before.count + 1 : 1;
  return { count, retryAt: nowMs + Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), MAX_PAUSE_MS) };
}
