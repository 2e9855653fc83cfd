import type * as z from "zod";
import type { ChangingSpec } from "./change-effects.ts";

/** Everything about a field of a spec but the rule that reads it (rules/): schemas, flags, help and changes follow. */
export interface FieldRow {
  /** How it is stored; absent: a request may have it, a stored spec has not. */
  readonly schema?: z.ZodType;
  /** How a request may write it, for the OpenAPI document, where that is not as it is stored. */
  readonly document?: z.ZodType;
  /** The same of a merge patch, where parts of it can be removed. */
  readonly patch?: z.ZodType;
  /** For the OpenAPI document. */
  readonly about: string;
  /** Spellings; messages use the first one when none was given. */
  readonly flags: readonly string[];
  /** Placeholder of the flag's value, and what it means; without a meaning it is understood, but not advertised. */
  readonly help?: readonly [takes: string, meaning?: string];
  /** For the help, what holds without it, where that is no value. */
  readonly without?: string;
  readonly default?: string | number;
  readonly bounds?: { readonly min: number; readonly max: number };
  /** Repeated, these add up; any other flag's last value counts, as in kops. */
  readonly list?: true;
  /** Why it cannot be changed in place, or what a change does. */
  readonly refusal?: string;
  readonly effect?: (from: ChangingSpec, to: ChangingSpec) => string;
  /**
   * Whether its change reaches the masters' launch templates and interfaces, repairs that are under way, or nothing but
   * the record.
   */
  readonly reaches?: "masters" | "repairs" | "nothing";
}

type StoredShape<R extends object> = {
  -readonly [F in keyof R as R[F] extends { readonly schema: z.ZodType } ? F : never]: R[F] extends {
    readonly schema: infer S;
  }
    ? S
    : never;
};

/** The schemas of what is stored, by the names of their fields. */
export function storedShape<R extends object>(rows: R): StoredShape<R>;
export function storedShape(rows: object): object {
  return Object.fromEntries(
    Object.entries(rows).flatMap(([field, row]) => ("schema" in row ? [[field, row.schema]] : [])),
  );
}
