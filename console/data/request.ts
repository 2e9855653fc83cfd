import type { Problem } from "./api.ts";

/** The API's own refusal, with what to do. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nobody answered, or something that is not the API. */
export class Unreachable extends Error {}

export interface Tagged<Value> {
  readonly value: Value;
  readonly etag: string | null;
  /** What a change of it is conditional on. */
  readonly ifMatch?: string | null;
}

const SESSION = "/session";
const LIMIT_MS = 30_000;

/** Undefined if nothing is new since the answer that had this tag. */
export async function read<Value>(path: string, etag: string | null = null): Promise<Tagged<Value> | undefined> {
  const answer = await send("GET", path, undefined, etag === null ? {} : { "if-none-match": etag });
  if (answer.status === 304) return undefined;
  return {
    value: await documentOf<Value>(answer),
    etag: answer.headers.get("etag"),
    ifMatch: answer.headers.get("x-holdfast-if-match"),
  };
}

/** All items of a list, page by page. */
export async function readAll<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const query = cursor ? `${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : "";
    const page = await read<{ items: Item[]; nextCursor?: string | null }>(`${path}${query}`);
    items.push(...(page?.value.items ?? []));
    cursor = page?.value.nextCursor;
  } while (cursor);
  return items;
}

/** The same key for the same wish: a request whose answer was lost is not executed twice. */
export async function write<Value>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Value> {
  const answer = await send(method, path, body, { "idempotency-key": crypto.randomUUID(), ...headers });
  return documentOf<Value>(answer);
}

async function send(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    return await fetch(`${SESSION}${path}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(LIMIT_MS),
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        // No foreign page can send it without asking first, and nobody answers that question.
        ...(method === "GET" ? {} : { "x-holdfast-console": "1" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : "no answer");
  }
}

/** API Gateway's own failures have no problem document: for the page they are no answer. */
async function documentOf<Value>(answer: Response): Promise<Value> {
  const document: unknown = await answer.json().catch(() => undefined);
  // Its shape is the contract of the API; checks of every answer would weigh more than the page.
  if (answer.ok && document !== undefined) return document as Value;
  if (isProblem(document)) throw new Refused(document);
  throw answer.status >= 500 || answer.status === 429 || answer.ok
    ? new Unreachable(`status ${answer.status}`)
    : new Refused({
        type: "about:blank",
        title: "Refused",
        status: answer.status,
        detail: `The request was refused with status ${answer.status}.`,
      });
}

function isProblem(document: unknown): document is Problem {
  return typeof document === "object" && document !== null && "detail" in document && "status" in document;
}
