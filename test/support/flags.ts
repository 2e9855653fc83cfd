import type { RawFlag } from "../../functions/domain/spec/fields.ts";

/** `{ zones: "us-west-2a" }` as flags; `NAME` is the positional name and is there unless overridden. */
export function flags(given: Readonly<Record<string, string>>): RawFlag[] {
  return Object.entries({ NAME: "ha.example.com", ...given }).map(([key, value]) => ({
    flag: key === "NAME" ? key : `--${key}`,
    value,
  }));
}

export const THREE_ZONES = "us-west-2a,us-west-2b,us-west-2c";
