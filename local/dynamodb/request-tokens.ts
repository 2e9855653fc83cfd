import { createHash } from "node:crypto";
import { AwsError } from "../wire/contract.ts";

/** For ten minutes a repeated token means a repeated request: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
const lifetimeMs = 10 * 60_000;

interface Done {
  readonly fingerprint: string;
  readonly forgottenAt: number;
}

/** The ClientRequestTokens of transactions that succeeded. */
export class RequestTokens {
  readonly #now: () => number;
  /** Oldest first. */
  readonly #done = new Map<string, Done>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws `IdempotentParameterMismatchException` if the token came with another request before. */
  wasDone(token: string | undefined, request: unknown): boolean {
    this.#forget();
    const done = token === undefined ? undefined : this.#done.get(token);
    if (done && done.fingerprint !== fingerprintOf(request)) {
      throw new AwsError(
        "IdempotentParameterMismatchException",
        "The request uses the same client token as a previous, but non-identical request.",
      );
    }
    return done !== undefined;
  }

  remember(token: string | undefined, request: unknown): void {
    if (token === undefined) return;
    this.#done.set(token, { fingerprint: fingerprintOf(request), forgottenAt: this.#now() + lifetimeMs });
  }

  #forget(): void {
    for (const [token, { forgottenAt }] of this.#done) {
      if (forgottenAt > this.#now()) return;
      this.#done.delete(token);
    }
  }
}

function fingerprintOf(request: unknown): string {
  return createHash("sha256").update(JSON.stringify(request)).digest("base64");
}
