/** A wrong command line or configuration: the message is for the person who typed it, a stack trace is not. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs the main function of a program and ends it with the exit code that this returns. Errors become one line,
 * written as cobra, the command library of the Kubernetes programs, writes them, and exit code 1.
 */
export async function runCommand(program: string, main: (argv: string[]) => Promise<number>): Promise<void> {
  try {
    process.exit(await main(process.argv.slice(2)));
  } catch (error) {
    const usage = error instanceof UsageError ? `\nSee '${program} --help' for usage.` : "";
    process.stderr.write(`error: ${messageOf(error)}${usage}\n`);
    process.exit(1);
  }
}

/** The message of whatever was thrown, with the messages of a connection that failed on several addresses. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** The error code of a failed system or network call (`ECONNREFUSED`), also inside an aggregate. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
