import type { Judgement } from "../../../local/iam/authorization/judgement.ts";

/** Every different decision of IAM that flows have brought about, with the first flow that did. */
export class JudgementLog {
  readonly #known = new Map<string, { readonly judgement: Judgement; readonly flow: string }>();
  #flow = "start";

  /** What is noted from now on is this flow's doing. */
  begin(flow: string): void {
    this.#flow = flow;
  }

  note(judgement: Judgement): void {
    const { role, request, decision, sessionPolicy = "" } = judgement;
    const key = JSON.stringify([role, request, decision, sessionPolicy]);
    if (!this.#known.has(key)) this.#known.set(key, { judgement, flow: this.#flow });
  }

  list(): readonly { readonly judgement: Judgement; readonly flow: string }[] {
    return [...this.#known.values()];
  }
}
