/**
 * Settings of every AWS client of ours: one retry policy, and none on top of it. `adaptive` slows a client down as soon
 * as AWS throttles it, so that many functions at once do not keep a bucket empty (docs/references/aws.md#throttling).
 * Few attempts, since the flow's own retries take over, with longer pauses: an answer that was throttled to the end is
 * NotReadyYet. Region, endpoint and credentials come from the environment, as AWS gives them to a function.
 */
export const clientSettings = { retryMode: "adaptive", maxAttempts: 6 } as const;
