import { AwsError } from "../wire/contract.ts";
import { type QuotaKey, table } from "./table.ts";

export interface QuotaFacts {
  readonly key: QuotaKey;
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly byDefault: number;
  /** Undefined for a quota whose value was never changed for this account. */
  readonly applied: number | undefined;
}

/** Values that were set here, by quota code. */
export type QuotaState = Record<string, number>;

/** The quotas of one account: what services enforce, and what Service Quotas returns, are the same numbers. */
export class AccountQuotas {
  readonly #set: QuotaState;

  constructor(restored: QuotaState = {}) {
    this.#set = { ...restored };
  }

  list(): QuotaFacts[] {
    return table.map((row) => ({
      ...row,
      applied: this.#set[row.code] ?? ("applied" in row ? row.applied : undefined),
    }));
  }

  limit(key: QuotaKey): number {
    const found = this.list().find((quota) => quota.key === key);
    if (!found) throw new RangeError(`no quota ${key}`);
    return found.applied ?? found.byDefault;
  }

  /** What AWS does after a request for an increase, and never does downwards. @throws AwsError for a quota that is not known here */
  set(code: string, value: number): void {
    if (!table.some((row) => row.code === code)) throw new AwsError("NoSuchResourceException", `no quota ${code} here`);
    this.#set[code] = value;
  }

  snapshot(): QuotaState {
    return this.#set;
  }
}
