import { isRecord } from "../spec-fields.ts";
import { duplicatesOf, type Findings, type Given, quote, refuse } from "../spec-values.ts";

/** AWS allows 50 tags a resource (EC2 User Guide, "Tag restrictions"); ten are kept for Holdfast's and Kubernetes' own. */
const MOST_LABELS = 40;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
/** Characters that every tagged service accepts; IAM's are the narrowest (IAM API, `Tag`). */
const TAG_TEXT = /^[\p{L}\p{N} _.:/=+\-@]*$/u;
const RESERVED_KEYS = new Set(["Name", "KubernetesCluster"]);
const RESERVED_PREFIXES = [
  "aws:",
  "holdfast:",
  "holdfast.dev/",
  "kubernetes.io/cluster/",
  "k8s.io/role/",
  "kops.k8s.io/",
];

type Pair = readonly [key: string, value: string];

/** `Team=Dev,Owner=John Doe` or a mapping: tags for every resource that the cluster owns. */
export function readCloudLabels(given: Given | undefined, findings: Findings): Record<string, string> {
  if (!given) return {};
  const pairs = typeof given.value === "string" ? parseLabels(given, given.value, findings) : toPairs(given, findings);
  for (const key of duplicatesOf(pairs.map(([key]) => key))) {
    refuse(findings, given, `the key ${quote(key)} is given twice`, key);
  }
  if (pairs.length > MOST_LABELS) {
    const what = `${pairs.length} labels are too many: AWS allows 50 tags a resource, of which the cluster needs some`;
    refuse(findings, given, `${what}; expected at most ${MOST_LABELS}`, `${pairs.length} labels`);
    return {};
  }
  for (const pair of pairs) checkPair(given, pair, findings);
  return Object.fromEntries(pairs);
}

function parseLabels(given: Given, text: string, findings: Findings): Pair[] {
  const pairs: Pair[] = [];
  for (const entry of splitOutsideQuotes(text, ",")) {
    const fields = splitOutsideQuotes(entry, "=").map(unquote);
    const [key, value] = fields;
    if (fields.length !== 2 || key === undefined || value === undefined) {
      const expected = "expected exactly key=value, entries separated by commas, quoted if they contain either";
      refuse(findings, given, `${quote(entry)} is not a label; ${expected}`, entry);
    } else pairs.push([key.trim(), value.trim()]);
  }
  return pairs;
}

function toPairs(given: Given, findings: Findings): Pair[] {
  if (!isRecord(given.value)) {
    refuse(findings, given, `${quote(given.value)} is not a mapping of labels`);
    return [];
  }
  return Object.entries(given.value).flatMap(([key, value]): Pair[] => {
    if (typeof value === "string") return [[key, value]];
    refuse(findings, given, `the value ${quote(value)} of ${quote(key)} is not text`, value);
    return [];
  });
}

function checkPair(given: Given, [key, value]: Pair, findings: Findings): void {
  const allowed = "letters, digits, spaces and _ . : / = + - @";
  if (key === "") refuse(findings, given, `a key is missing before ${quote(`=${value}`)}`, `=${value}`);
  if (key.length > LONGEST_KEY) refuse(findings, given, `the key ${quote(key)} is longer than ${LONGEST_KEY}`, key);
  if (value.length > LONGEST_VALUE) {
    refuse(findings, given, `the value ${quote(value)} of ${quote(key)} is longer than ${LONGEST_VALUE}`, value);
  }
  for (const text of [key, value]) {
    // A path upwards is legal in a tag, but labels reach file names and URLs of other people's tools.
    if (TAG_TEXT.test(text) && !text.includes("../")) continue;
    refuse(findings, given, `${quote(text)} is not allowed in a label; expected ${allowed}, and no ../`, text);
  }
  const lower = key.toLowerCase();
  if (RESERVED_KEYS.has(key) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    const owners = `${[...RESERVED_KEYS].join(", ")} and keys that begin with ${RESERVED_PREFIXES.join(", ")}`;
    refuse(findings, given, `the key ${quote(key)} is reserved; ${owners} belong to AWS, Kubernetes or Holdfast`, key);
  }
}

/** Splits at `separator` where it stands outside double quotes. The quotes stay. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = [""];
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (character === separator && !quoted) parts.push("");
    else parts.push(`${parts.pop() ?? ""}${character}`);
  }
  return parts;
}

/** As in CSV: surrounding quotes go, a doubled quote inside them is one quote. */
function unquote(field: string): string {
  const match = /^\s*"(.*)"\s*$/s.exec(field);
  return match ? (match[1] ?? "").replaceAll('""', '"') : field;
}
