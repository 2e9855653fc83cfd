import type { FieldRow } from "../../functions/domain/spec/field-row.ts";
import { FIELDS } from "../../functions/domain/spec/field-table.ts";
import { KOPS_FLAGS, type KopsFlag } from "../../functions/domain/spec/kops-flags.ts";

const SECTIONS = [/^(name|zones)$/, /^node/, /^master/, /./];
function sectionOf(field: string): number {
  return SECTIONS.findIndex((section) => section.test(field));
}

const entries: readonly (readonly [string, FieldRow])[] = Object.entries(FIELDS);
/** In the order of the help: what every cluster needs, its nodes, its masters, the rest. */
const rows = entries.toSorted(([one], [other]) => sectionOf(one) - sectionOf(other)).map(([, row]) => row);

function dashed({ flags }: FieldRow): string[] {
  return flags.filter((flag) => /^-(?!-count$)/.test(flag));
}

function helpOf({ help, without, default: value }: FieldRow): string {
  const held = without ?? value;
  return held === undefined ? `${help?.[1]}` : `${help?.[1]} (${held})`;
}

function advertised({ help }: FieldRow): boolean {
  return help?.[1] !== undefined;
}

function spelled(row: FieldRow): string[] {
  return dashed(row).map((flag) => `${flag} ${row.help?.[0]}`);
}

/** Flags of a spec, with what they mean and what holds without them. */
export const SPEC_OPTIONS = rows.filter(advertised).flatMap((row) =>
  spelled(row)
    .slice(0, 1)
    .map((flag) => [flag, helpOf(row)] as const),
);

/** Of a cluster that exists: what can be changed, without what holds for a new one. */
export const CHANGE_OPTIONS = new Map(
  rows
    .filter((row) => advertised(row) && (row.refusal === undefined || row.flags.includes("--name")))
    .flatMap((row) =>
      spelled(row)
        .slice(0, 1)
        .map((flag) => [flag, `${row.help?.[1]}`] as const),
    ),
);

const foreign = Object.entries<KopsFlag>(KOPS_FLAGS);

/** Newer kops spellings and flags that commands written for kops carry; understood, but not advertised. */
export const HIDDEN_SPEC_OPTIONS = [
  ...rows.flatMap((row) => spelled(row).slice(advertised(row) ? 1 : 0)),
  ...foreign.map(
    ([flag, { takes, short }]) => `${short === undefined ? "" : `${short}, `}${flag} ${takes ?? "[boolean]"}`,
  ),
];

/** Whose missing value is a problem of the spec. */
export const SPEC_FLAGS = new Set([...SPEC_OPTIONS.map(([flag]) => flag), ...HIDDEN_SPEC_OPTIONS].map(flagOfSpelling));

/** `--v` of `-v, --v <level>`. */
export function flagOfSpelling(spelling: string): string {
  return /(\S+) [<[]/.exec(spelling)?.[1] ?? spelling;
}

/** Flags of kops that stand for `true` where no value is joined to them by `=`. */
export const KOPS_SWITCHES = foreign.filter(([, { takes }]) => takes === undefined).map(([flag]) => flag);
