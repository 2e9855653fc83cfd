/** Exit codes of the command line (docs/cli.md). */
export const EXIT = { done: 0, failed: 1, badUsage: 2, notFound: 3, conflict: 4, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
