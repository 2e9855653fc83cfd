import { BadRequest } from "../cluster/errors.ts";
import { isLabelKey, isLabelValue, KEY_EXPECTED, VALUE_EXPECTED } from "../spec/label-syntax.ts";
import type { Problem } from "../spec/spec.ts";
import { type Findings, type Given, quote, refuse } from "../spec/values.ts";

/** One condition of a selector; a cluster is selected if all hold. */
interface Requirement {
  readonly key: string;
  /** `not-in` holds without the label too, as in Kubernetes. */
  readonly operator: "in" | "not-in" | "exists" | "absent";
  readonly values: readonly string[];
}
export type Selector = readonly Requirement[];

export type ParsedSelector =
  | { readonly ok: true; readonly selector: Selector }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MAX_LENGTH = 1024;

/**
 * Kubernetes' selectors of labels: `env=prod,tier in (1,2),!legacy`. All that is wrong is in one answer
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
 */
export function parseSelector(text: string, flag: string): ParsedSelector {
  const findings: Findings = { problems: [], warnings: [] };
  const given: Given = { flag, value: text };
  if (text.trim() === "") refuse(findings, given, "a selector is missing, such as env=prod");
  else if (text.length > MAX_LENGTH) refuse(findings, given, `it is longer than ${MAX_LENGTH} characters`);
  else {
    const selector = splitOutsideBraces(text).flatMap((part) => readRequirement(part, given, findings));
    if (findings.problems.length === 0) return { ok: true, selector };
  }
  return { ok: false, problems: findings.problems };
}

/** Throws BadRequest with all that is wrong. */
export function requireSelector(text: string, flag: string): Selector {
  const parsed = parseSelector(text, flag);
  if (parsed.ok) return parsed.selector;
  throw new BadRequest(parsed.problems.map(({ message }) => message).join("\n"), parsed.problems);
}

export function selects(selector: Selector, labels: Readonly<Record<string, string>> = {}): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === "exists") return value !== undefined;
    if (operator === "absent") return value === undefined;
    return (value !== undefined && values.includes(value)) === (operator === "in");
  });
}

function splitOutsideBraces(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth <= 0) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${character}`);
  }
  return parts.map((part) => part.trim());
}

function readRequirement(part: string, given: Given, findings: Findings): Requirement[] {
  const requirement = understand(part);
  if (!requirement) {
    const expected = "expected key=value, key!=value, key in (a,b), key notin (a,b), key or !key";
    refuse(findings, given, `${quote(part)} is not a condition; ${expected}`, part);
    return [];
  }
  const { key, values } = requirement;
  if (!isLabelKey(key)) refuse(findings, given, `${quote(key)} is not a key; ${KEY_EXPECTED}`, key);
  for (const value of values)
    if (!isLabelValue(value))
      refuse(findings, given, `${quote(value)} of ${quote(key)} is not a value; ${VALUE_EXPECTED}`, value);
  return [requirement];
}

function understand(part: string): Requirement | undefined {
  const [, listed = "", word = "", list = ""] = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part) ?? [];
  if (word !== "") {
    const values = list.split(",").map((value) => value.trim());
    return { key: listed, operator: word === "in" ? "in" : "not-in", values };
  }
  const [, key = "", sign = "", value = ""] = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(part) ?? [];
  if (sign !== "") return { key, operator: sign === "!=" ? "not-in" : "in", values: [value] };
  const [, not = "", alone = ""] = /^(!?)\s*([^=!\s(),]+)$/.exec(part) ?? [];
  if (alone === "") return undefined;
  return { key: alone, operator: not === "" ? "exists" : "absent", values: [] };
}
