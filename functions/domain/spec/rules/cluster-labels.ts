import { isRecord } from "../fields.ts";
import { isLabelKey, isLabelValue, KEY_EXPECTED, VALUE_EXPECTED } from "../label-syntax.ts";
import { duplicatesOf, type Findings, type Given, quote, refuse } from "../values.ts";

const MAX_LABELS = 32;

type Labels = Readonly<Record<string, string>>;
/** Null removes the label. */
type Change = readonly [key: string, value: string | null];

/**
 * `env=prod,tier=1`, or a mapping. Of a cluster that exists (`former`) they are changes: the other labels stay, and
 * `tier-`, as kubectl writes it, or null removes one. Undefined: it has none.
 */
export function readLabels(given: Given | undefined, former: Labels | undefined, findings: Findings) {
  if (!given) return undefined;
  const changes =
    typeof given.value === "string" ? ofText(given, given.value, former, findings) : ofMapping(given, former, findings);
  for (const key of duplicatesOf(changes.map(([each]) => each)))
    refuse(findings, given, `the key ${quote(key)} is given twice`, key);
  for (const change of changes) check(given, change, findings);
  const changed: Readonly<Record<string, string | null>> = { ...former, ...Object.fromEntries(changes) };
  const labels = Object.entries(changed).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  if (labels.length > MAX_LABELS)
    return refuse(findings, given, `${labels.length} labels are too many; expected at most ${MAX_LABELS}`);
  return labels.length === 0 ? undefined : Object.fromEntries(labels);
}

function ofText(given: Given, text: string, former: Labels | undefined, findings: Findings): Change[] {
  return text.split(",").flatMap((entry): Change[] => {
    const [, key, value] = /^([^=]*)=([^=]*)$/.exec(entry) ?? [];
    if (key !== undefined && value !== undefined) return [[key.trim(), value.trim()]];
    const [, removed] = /^\s*([^=]+)-\s*$/.exec(entry) ?? [];
    if (removed !== undefined && former !== undefined) return [[removed, null]];
    refuse(findings, given, `${quote(entry)} is not a label; expected key=value, such as env=prod`, entry);
    return [];
  });
}

function ofMapping(given: Given, former: Labels | undefined, findings: Findings): Change[] {
  if (!isRecord(given.value)) {
    refuse(findings, given, `${quote(given.value)} is not a mapping of labels`);
    return [];
  }
  return Object.entries(given.value).flatMap(([key, value]): Change[] => {
    if (typeof value === "string" || (value === null && former !== undefined)) return [[key, value]];
    refuse(findings, given, `the value ${quote(value)} of ${quote(key)} is not text`, value);
    return [];
  });
}

function check(given: Given, [key, value]: Change, findings: Findings): void {
  if (!isLabelKey(key)) refuse(findings, given, `${quote(key)} is not a key; ${KEY_EXPECTED}`, key);
  if (value !== null && !isLabelValue(value))
    refuse(findings, given, `${quote(value)} of ${quote(key)} is not a value; ${VALUE_EXPECTED}`, value);
}

/** The same changes as a mapping, of a text that has been read without a problem; undefined for any other. */
export function labelChangesOf(text: string): Readonly<Record<string, string | null>> | undefined {
  const findings: Findings = { problems: [], warnings: [] };
  const changes = ofText({ flag: "labels", value: text }, text, {}, findings);
  return findings.problems.length === 0 ? Object.fromEntries(changes) : undefined;
}

/** What a merge patch says to make these labels of those: null removes one. */
export function labelChanges(from: Labels | null, to: Labels | null): Readonly<Record<string, string | null>> | null {
  if (to === null) return null;
  const removed = Object.keys(from ?? {}).filter((key) => !Object.hasOwn(to, key));
  const set = Object.entries(to).filter(([key, value]) => from?.[key] !== value);
  return { ...Object.fromEntries(set), ...Object.fromEntries(removed.map((key) => [key, null])) };
}
