import type { ProblemDocument } from "../functions/domain/api/views.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** A command cannot continue. `message` is a sentence for the user, `exitCode` says which kind of failure it is. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode;
  /** What a program that asked for JSON gets. */
  readonly document: ProblemDocument;

  constructor(message: string, exitCode: ExitCode, document?: ProblemDocument) {
    super(message);
    this.exitCode = exitCode;
    this.document = document ?? { type: "about:blank", title: "Failed", status: 0, detail: message };
  }
}

/** Nobody answers at the API's address. */
export class ApiUnreachable extends CommandFailed {
  constructor(url: string, local: boolean, cause: unknown) {
    const advice = local ? "start it with: npm run local" : "check HOLDFAST_API and the network";
    super(`cannot reach ${url}: ${advice}`, EXIT.failed);
    this.cause = cause;
  }
}

/** The API refused, in its own words. */
export class ApiRefused extends CommandFailed {
  readonly status: number;

  constructor(document: ProblemDocument) {
    const said = document.detail || document.title;
    // Most details name it already.
    const isNamed = document.operation === undefined || said.includes(document.operation);
    const message = isNamed ? said : `${said} (operation ${document.operation})`;
    super(`${message}${followHint(document)}`, exitCodeOf(document.status), document);
    this.status = document.status;
  }
}

function exitCodeOf(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 409 || status === 412) return EXIT.conflict;
  return status === 400 || status === 422 ? EXIT.badUsage : EXIT.failed;
}

/** Of what holds a cluster: how to see when it ends. */
function followHint({ status, operation }: ProblemDocument): string {
  return status === 409 && operation !== undefined
    ? `\nFollow it with: holdfast get operations ${operation} --follow`
    : "";
}
