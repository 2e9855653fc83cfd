import type { Decision } from "./decide.ts";

/** How often a role asked for something, and what the answer was. */
export interface Use {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision["decision"];
  readonly count: number;
}

/** Beyond this number of different entries, new resources are counted together: a report needs no more. */
const MAX_ENTRIES = 20_000;

/** Counts what roles ask for, so that what is granted can be compared with what is used. */
export class Usage {
  readonly #uses = new Map<string, Use>();

  note(use: Omit<Use, "count">): void {
    const full = this.#uses.size >= MAX_ENTRIES && !this.#uses.has(keyOf(use));
    const entry = full ? { ...use, resource: "(others)" } : use;
    const key = keyOf(entry);
    this.#uses.set(key, { ...entry, count: (this.#uses.get(key)?.count ?? 0) + 1 });
  }

  list(): Use[] {
    return [...this.#uses.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}

function keyOf({ role, action, resource, decision }: Omit<Use, "count">): string {
  return [role, action, resource, decision].join("\n");
}
