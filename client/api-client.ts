import { setTimeout as delay } from "node:timers/promises";
import type * as z from "zod";
import { ProblemDocumentSchema, pageOf } from "../functions/domain/api/views.ts";
import { parseJson } from "../functions/domain/text/parse-json.ts";
import { ApiRefused, ApiUnreachable, CommandFailed, REQUEST_LIMIT_MS } from "./api-errors.ts";
import type { ApiTarget } from "./api-target.ts";
import { EXIT } from "./exit-codes.ts";
import { type Answer, foreignAnswer } from "./foreign-answer.ts";

/** Answers that mean "not now"; the same request, with the same key, may be sent again. */
const TRY_AGAIN = new Set([429, 502, 503, 504]);
/** A quarter of a minute in all: a new account runs ten functions at once, and flows take them too. */
const ATTEMPTS = 8;
const PAUSE_MS = 250;
const PAUSE_JITTER_MS = 8_000;
/** However long the API asks to wait. */
const MAX_PAUSE_MS = 15_000;
const MAX_PAGES = 1000;

/** For whoever calls on behalf of somebody else, who may see and do less. */
export interface ApiGuard {
  /** Throws `CommandFailed` for a request that is not to be sent. */
  admit(method: string, path: string, body: unknown): void | Promise<void>;
  /** May this answer, or this item of a list, be shown? */
  shows(path: string, document: unknown): boolean;
  /** The key of the next write; the same for the same write when a command is executed again. */
  idempotencyKey(): string;
}

const FREE: ApiGuard = { admit: () => {}, shows: () => true, idempotencyKey: () => crypto.randomUUID() };

/** Client of the HTTP API (docs/api.md). Throws `ApiUnreachable` and `ApiRefused`. */
export class ApiClient {
  readonly #target: ApiTarget;
  readonly #guard: ApiGuard;

  constructor(target: ApiTarget, guard: ApiGuard = FREE) {
    this.#target = target;
    this.#guard = guard;
  }

  async get<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    const answer = await this.#call("GET", path, undefined, schema);
    if (this.#guard.shows(path, answer)) return answer;
    throw new CommandFailed(`there is no ${path}`, EXIT.notFound);
  }

  /** An answer with its `ETag`, for a change that must be of what was read. */
  async getTagged<S extends z.ZodType>(path: string, schema: S): Promise<{ value: z.output<S>; etag: string | null }> {
    const answer = await this.#answer("GET", path, undefined, {});
    return { value: this.#read(answer, path, schema), etag: answer.headers.get("etag") };
  }

  patch<S extends z.ZodType>(path: string, body: unknown, schema: S, ifMatch: string | null): Promise<z.output<S>> {
    return this.#call("PATCH", path, body, schema, ifMatch === null ? {} : { "if-match": ifMatch });
  }

  post<S extends z.ZodType>(path: string, body: unknown, schema: S): Promise<z.output<S>> {
    return this.#call("POST", path, body, schema);
  }

  delete<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
    return this.#call("DELETE", path, undefined, schema);
  }

  /** All items of a list, or those that the filters leave of it, page by page. */
  async list<S extends z.ZodType>(
    path: string,
    item: S,
    filters: Readonly<Record<string, string>> = {},
  ): Promise<z.output<S>[]> {
    const items: z.output<S>[] = [];
    let cursor: string | undefined | null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const given = new URLSearchParams({ ...filters, ...(cursor ? { cursor } : {}) }).toString();
      // A signature is made of %20: with a plus the API's would differ.
      const query = given.replaceAll("+", "%20");
      const answer = await this.get(query === "" ? path : `${path}?${query}`, pageOf(item));
      items.push(...answer.items.filter((found) => this.#guard.shows(path, found)));
      cursor = answer.nextCursor;
      if (!cursor) return items;
    }
    throw new CommandFailed(`the list ${path} does not end`, EXIT.failed);
  }

  async #call<S extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: S,
    more: Record<string, string> = {},
  ): Promise<z.output<S>> {
    return this.#read(await this.#answer(method, path, body, more), path, schema);
  }

  async #answer(method: string, path: string, body: unknown, more: Record<string, string>): Promise<Answer> {
    refuseOtherPath(path);
    await this.#guard.admit(method, path, body);
    const headers = {
      accept: "application/json",
      "user-agent": this.#target.agent ?? "holdfast-cli",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      // One key for all attempts, so that a request whose answer was lost is not executed twice.
      ...(method === "GET" ? {} : { "idempotency-key": this.#guard.idempotencyKey() }),
      ...more,
    };
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(method, path, headers, body);
      if (!isForLater(answer) || attempt === ATTEMPTS) return answer;
      await delay(pauseMs(answer, attempt));
    }
  }

  async #send(method: string, path: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
    const url = new URL(`${this.#baseOf(path)}${path}`);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const authorized = await this.#authorize(method, url, headers, text);
    try {
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      // A request that is sent elsewhere has another signature, and as a GET it asks for something else.
      const options: RequestInit = { method, headers: authorized, signal, redirect: "manual" };
      const answer = await fetch(url, text === undefined ? options : { ...options, body: text });
      return { ...partsOf(answer), text: await answer.text() };
    } catch (error) {
      throw new ApiUnreachable(this.#target, { method, path }, error);
    }
  }

  /** Callers with a token have routes of their own; the local cloud's own pages begin with `/_` and ask for neither. */
  #baseOf(path: string): string {
    const { url, token } = this.#target;
    return token === undefined || path.startsWith("/_") || url.endsWith("/token") ? url : `${url}/token`;
  }

  async #authorize(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body: string | undefined,
  ): Promise<Record<string, string>> {
    const { token, region } = this.#target;
    if (token !== undefined) return { ...headers, authorization: `Bearer ${token}` };
    const { signedHeaders } = await import("./signing.ts");
    return signedHeaders({ method, url, headers, body }, region, await this.#target.credentials());
  }

  #read<S extends z.ZodType>(answer: Answer, path: string, schema: S): z.output<S> {
    const document = parseJson(answer.text);
    if (!answer.ok) {
      const problem = ProblemDocumentSchema.safeParse(document);
      throw problem.success ? new ApiRefused(problem.data) : foreignAnswer(answer, messageOf(document), this.#target);
    }
    const parsed = schema.safeParse(document);
    if (parsed.success) return parsed.data;
    throw new CommandFailed(
      `${this.#target.url}${path} did not answer as a Holdfast API does: check HOLDFAST_API`,
      EXIT.failed,
    );
  }
}

function partsOf({ ok, status, statusText, headers }: Response): Omit<Answer, "text"> {
  return { ok, status, statusText, headers };
}

/** A name that is empty, `.` or `..` would make it the URL of something else. */
function refuseOtherPath(path: string): void {
  const [names = ""] = path.split("?");
  const wrong = names
    .slice(1)
    .split("/")
    .find((name) => /^\.{0,2}$/.test(name));
  if (wrong !== undefined) throw new CommandFailed(`"${wrong}" is neither a name nor an id`, EXIT.badUsage);
}

/**
 * API Gateway says 500 by itself when Lambda has no environment free, and cannot say when to come back; Holdfast's own
 * 500 is a problem document, and means that something is broken.
 */
function isForLater({ status, headers }: Answer): boolean {
  if (status === 500) return !(headers.get("content-type") ?? "").startsWith("application/problem+json");
  return TRY_AGAIN.has(status);
}

/**
 * As long as `Retry-After` asks for; else longer each time, spread so that those who were refused together come back
 * apart.
 */
function pauseMs(answer: Answer, attempt: number): number {
  const asked = Number(answer.headers.get("retry-after") ?? Number.NaN) * 1000;
  if (!Number.isNaN(asked)) return Math.min(asked, MAX_PAUSE_MS);
  return Math.min(PAUSE_MS * 2 ** attempt, PAUSE_JITTER_MS) * (0.5 + Math.random() / 2);
}

/** API Gateway's own refusals are `{"message": "Forbidden"}`. */
function messageOf(document: unknown): string | undefined {
  if (typeof document !== "object" || document === null || !("message" in document)) return undefined;
  return typeof document.message === "string" ? document.message : undefined;
}
