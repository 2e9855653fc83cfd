import { ApiRefused, CommandFailed } from "./api-errors.ts";
import type { ApiTarget } from "./api-target.ts";
import { EXIT } from "./exit-codes.ts";

/** An answer that has been read to its end. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly text: string;
}

/** Refusals of API Gateway itself; other answers below 500 are of something that is not Holdfast. */
const OF_GATEWAY = new Set([400, 401, 403, 413, 429]);

/** What an answer means that is no problem document of Holdfast's. `said`: API Gateway's message, mostly one word. */
export function foreignAnswer(
  { status, statusText, headers }: Answer,
  said: string | undefined,
  target: ApiTarget,
): CommandFailed {
  const title = statusText || "Error";
  const what = `${status} ${title}`;
  const documentOf = (detail: string) => ({ type: "about:blank", title, status, detail });
  if (status === 401 || status === 403)
    return new ApiRefused(documentOf(`${target.url} does not accept ${credentials(target, what)}`));
  if (status >= 500) return new ApiRefused(documentOf(`${target.url} answers ${what}: try again in a minute`));
  if (OF_GATEWAY.has(status)) return new ApiRefused(documentOf(said ?? `${target.url} answers ${what}`));
  const location = headers.get("location");
  const detail =
    status < 400 && location !== null
      ? `${target.url} redirects to ${location}, and requests are signed for one address: check HOLDFAST_API`
      : `${target.url} answers ${what}, not as a Holdfast API does: check HOLDFAST_API`;
  return new CommandFailed(detail, EXIT.failed, documentOf(detail));
}

/** API Gateway turned the caller away, before Holdfast saw anything. */
function credentials({ token }: ApiTarget, what: string): string {
  return token === undefined
    ? `your AWS credentials (${what}). Look whose they are (aws sts get-caller-identity), and whether they may call it.`
    : "the token of HOLDFAST_TOKEN. It may have expired, or be of another issuer.";
}
