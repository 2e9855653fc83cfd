/** The command line is wrong; the CLI prints its usage line and exits with 252. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Exit codes of the AWS CLI: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-returncodes.html */
const EXIT = { usage: 252, configuration: 253, service: 254, general: 255 } as const;

/** What the CLI prints for a failed call, and its exit code. `operation` is the API's name, such as `GetParameter`. */
export function describeFailure(error: unknown, operation: string): { text: string; exitCode: number } {
  if (error instanceof UsageError) {
    return {
      text: `\nusage: aws [options] <command> <subcommand> [parameters]\n\naws: error: ${error.message}\n`,
      exitCode: EXIT.usage,
    };
  }
  if (!(error instanceof Error)) return { text: `\n${String(error)}\n`, exitCode: EXIT.general };
  if (error.name === "CredentialsProviderError") {
    const text = '\nUnable to locate credentials. You can configure credentials by running "aws login".\n';
    return { text, exitCode: EXIT.configuration };
  }
  if ("$fault" in error && "$metadata" in error) {
    // An error without a message, such as ParameterNotFound, is "UnknownError" to the SDK and nothing to the CLI.
    const message = error.message === "UnknownError" ? "" : error.message;
    const text = `\nAn error occurred (${error.name}) when calling the ${operation} operation: ${message}\n`;
    return { text, exitCode: EXIT.service };
  }
  if ("code" in error && typeof error.code === "string" && error.code.startsWith("E")) {
    return {
      text: `\nCould not connect to the endpoint URL: ${error.message || error.code}\n`,
      exitCode: EXIT.general,
    };
  }
  return { text: `\n${error.message}\n`, exitCode: EXIT.general };
}
