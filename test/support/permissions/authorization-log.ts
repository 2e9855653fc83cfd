import type { AuthorizationRecord } from "../../../local/iam/authorization/authorization-record.ts";

/** Every different decision of IAM that flows have brought about, with the first flow that did. */
export class AuthorizationLog {
  readonly #known = new Map<string, { readonly authorization: AuthorizationRecord; readonly flow: string }>();
  #flow = "start";

  /** What is noted from now on is this flow's doing. */
  begin(flow: string): void {
    this.#flow = flow;
  }

  note(authorization: AuthorizationRecord): void {
    const { role, request, decision, sessionPolicy = "" } = authorization;
    const key = JSON.stringify([role, request, decision, sessionPolicy]);
    if (!this.#known.has(key)) this.#known.set(key, { authorization, flow: this.#flow });
  }

  list(): readonly { readonly authorization: AuthorizationRecord; readonly flow: string }[] {
    return [...this.#known.values()];
  }
}
