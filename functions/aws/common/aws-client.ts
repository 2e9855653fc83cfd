/**
 * Settings of every AWS client. `adaptive` slows a client down when AWS throttles it
 * (docs/references/aws.md#throttling). Few attempts, since the flow retries with longer intervals. Lambda's environment
 * has Region, endpoint and credentials.
 */
export const clientSettings = { retryMode: "adaptive", maxAttempts: 6 } as const;
