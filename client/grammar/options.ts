import { InvalidArgumentError, Option } from "commander";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import { OUTPUT_FORMATS } from "./command.ts";
import { flagOfSpelling } from "./spec-options.ts";
import { parseDuration } from "./typed-text.ts";

export const DEFAULT_WAIT = "10m";

/** As kops. */
export const DEFAULT_ADMIN = "18h";

/** Keeps the flag as it was spelled, so that a problem can be reported under the name that the user knows. */
export function recorded(spelling: string, description: string, flags: RawFlag[]): Option {
  const flag = flagOfSpelling(spelling);
  return new Option(spelling, description).argParser((value) => {
    flags.push({ flag, value });
    return value;
  });
}

export function waitOption(description: string): Option {
  return durationOption("--wait [duration]", `${description} (${DEFAULT_WAIT})`);
}

export function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string) => {
    const milliseconds = parseDuration(value);
    if (milliseconds === undefined) throw new InvalidArgumentError("expected a duration such as 90s, 10m or 7d");
    return milliseconds;
  });
}

export function outputOption(formats: readonly string[] = OUTPUT_FORMATS): Option {
  return new Option("-o, --output <format>", "form of the output").choices(formats).default("table");
}

/** Of lists: a table that fits, or one with every column. */
export const LIST_FORMATS = ["table", "wide", "json", "yaml"];

export function listed(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

export function counted(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("expected a number");
  return Number(text);
}

export function minutes(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw new InvalidArgumentError("expected a duration such as 30m, 1h or 7d");
  return Math.round(milliseconds / 60_000);
}
