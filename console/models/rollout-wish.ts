import { type SpecField, typedValue } from "./change.ts";

/** A field of the spec that a roll-out changes, and its new value as typed. */
export interface Wish {
  readonly field: string;
  readonly text: string;
}

export type Patch = Readonly<Record<string, unknown>>;

/** The merge patch; fields without a value are left out. Labels are written as on the command line. */
export function patchOfWishes(wishes: readonly Wish[], fields: readonly SpecField[]): Patch {
  const values = wishes.map(({ field, text }) => {
    const known = fields.find(({ name }) => name === field);
    return [field, typedValue(known ?? { kind: "text" }, text)] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}
