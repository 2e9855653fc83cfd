import type { ProblemDocument } from "../functions/domain/api/views.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** However long an answer takes; API Gateway itself waits as long. */
export const REQUEST_LIMIT_MS = 30_000;

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

/** Nobody answers at the API's address, or the answer does not end. */
export class ApiUnreachable extends CommandFailed {
  constructor(target: Target, asked: Asked, cause: unknown) {
    super(unreachableText(target, asked, cause), EXIT.failed);
    this.cause = cause;
  }
}

interface Target {
  readonly url: string;
  readonly local: boolean;
}

interface Asked {
  readonly method: string;
  readonly path: string;
}

/** Ends of a connection that was there, so that the request may have arrived. */
const LOST = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

function unreachableText({ url, local }: Target, asked: Asked, error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `${url} has not answered within ${REQUEST_LIMIT_MS / 1000} seconds${outcomeUnknown(asked)}`;
  const code = codeOf(error);
  if (LOST.has(code)) return `${url} ended the connection before its answer was complete${outcomeUnknown(asked)}`;
  if (local && (code === "ECONNREFUSED" || code === "")) return `cannot reach ${url}: start it with: npm run local`;
  return `cannot reach ${url}${code && ` (${code})`}: check HOLDFAST_API and the network`;
}

/** A plan changes nothing. */
function outcomeUnknown({ method, path }: Asked): string {
  if (method === "GET" || path.endsWith("/plan")) return "";
  return ". The request may have been executed. Look at `holdfast get operations` before you repeat it.";
}

/** `fetch` wraps what the network said. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
}

/** The API refused, in its own words. */
export class ApiRefused extends CommandFailed {
  readonly status: number;

  constructor(document: ProblemDocument) {
    const said = document.detail || document.title;
    const hint = followHint(document);
    // Most details name it already, or the hint does.
    const isNamed = document.operation === undefined || `${said}${hint}`.includes(document.operation);
    const message = isNamed ? said : `${said} (operation ${document.operation})`;
    super(`${message}${hint}`, exitCodeOf(document.status), document);
    this.status = document.status;
  }
}

/** What the API would say of something that is not there. */
export function notFound(detail: string): ApiRefused {
  return new ApiRefused({ type: "about:blank", title: "Not found", status: 404, detail });
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
