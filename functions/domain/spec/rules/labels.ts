import { kubernetesTag } from "../../cluster/naming.ts";
import { isRecord } from "../fields.ts";
import { duplicatesOf, type Findings, type Given, quote, refuse } from "../values.ts";

/**
 * AWS allows 50 tags a resource (EC2 User Guide, "Tag restrictions"); ten are kept for Holdfast's and Kubernetes' own.
 */
const MAX_LABELS = 40;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;
/** Characters that every tagged service accepts; IAM's are the narrowest (IAM API, `Tag`). */
const TAG_TEXT = /^[\p{L}\p{N} _.:/=+\-@]*$/u;

/**
 * Keys that mean something to somebody. All are compared without case, as IAM does with the keys of tags in conditions.
 */
const RESERVED_KEYS: Readonly<Record<string, string>> = {
  Name: "every resource gets its own",
  KubernetesCluster: "Kubernetes' cloud controller takes it for the name of the cluster",
  CSIVolumeName: "the EBS driver takes volumes that carry it for its own",
};
const RESERVED_PREFIXES: Readonly<Record<string, string>> = {
  "aws:": "AWS keeps such keys to itself",
  "holdfast:": "Holdfast knows its own resources by such keys",
  "eks:": "EKS knows its own resources by such keys",
};
/** Domains before a slash, and those below them. */
const RESERVED_DOMAINS: Readonly<Record<string, string>> = {
  "kubernetes.io": "Kubernetes' cloud controller knows its own resources by such keys",
  "k8s.io": "kops and Kubernetes' autoscaler know their own resources by such keys",
  "csi.aws.com": "Kubernetes' storage drivers take what carries such keys for their own",
  "k8s.aws": "the AWS load balancer controller knows its own resources by such keys",
  "k8s.amazonaws.com": "the AWS VPC CNI knows by such keys which interfaces are its own",
  "holdfast.dev": "Holdfast knows by such keys what a cluster's Kubernetes has made",
  "karpenter.sh": "Karpenter ends instances that carry such keys",
};

type Pair = readonly [key: string, value: string];

/** `Team=Dev,Owner=John Doe` or a mapping: tags for every resource that the cluster of this name owns. */
export function readCloudLabels(
  given: Given | undefined,
  cluster: string | undefined,
  findings: Findings,
): Record<string, string> {
  if (!given) return {};
  const read = typeof given.value === "string" ? parseLabels(given, given.value, findings) : toPairs(given, findings);
  const pairs = read.filter((pair) => !isSetAnyway(pair, cluster));
  if (pairs.length < read.length) {
    findings.warnings.push(`${given.flag}: ${kubernetesTag(cluster ?? "")}=owned is set on every resource anyway.`);
  }
  refuseDuplicates(given, pairs, findings);
  if (pairs.length > MAX_LABELS) {
    const what = `${pairs.length} labels are too many: AWS allows 50 tags a resource, of which the cluster needs some`;
    refuse(findings, given, `${what}; expected at most ${MAX_LABELS}`, `${pairs.length} labels`);
    return {};
  }
  for (const pair of pairs) checkPair(given, pair, findings);
  return Object.fromEntries(pairs);
}

/** Who comes from kops may bring it along. */
function isSetAnyway([key, value]: Pair, cluster: string | undefined): boolean {
  return cluster !== undefined && key === kubernetesTag(cluster) && value === "owned";
}

function refuseDuplicates(given: Given, pairs: readonly Pair[], findings: Findings): void {
  const keys = pairs.map(([key]) => key);
  const twice = duplicatesOf(keys);
  for (const key of twice) refuse(findings, given, `the key ${quote(key)} is given twice`, key);
  const distinct = [...new Set(keys)];
  for (const lower of duplicatesOf(distinct.map((key) => key.toLowerCase()))) {
    const alike = distinct.filter((key) => key.toLowerCase() === lower);
    const what = `the keys ${alike.map(quote).join(" and ")} differ in case only, which IAM does not see`;
    refuse(findings, given, `${what}; expected one of them`, alike.join());
  }
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
  if (key.length > MAX_KEY_LENGTH)
    refuse(findings, given, `the key ${quote(key)} is longer than ${MAX_KEY_LENGTH}`, key);
  if (value.length > MAX_VALUE_LENGTH) {
    refuse(findings, given, `the value ${quote(value)} of ${quote(key)} is longer than ${MAX_VALUE_LENGTH}`, value);
  }
  for (const text of [key, value]) {
    // A path upwards is legal in a tag, but labels reach file names and URLs of other people's tools.
    if (TAG_TEXT.test(text) && !text.includes("../")) continue;
    refuse(findings, given, `${quote(text)} is not allowed in a label; expected ${allowed}, and no ../`, text);
  }
  const reason = whyReserved(key.toLowerCase());
  if (reason !== undefined) {
    refuse(findings, given, `the key ${quote(key)} is reserved: ${reason}; expected a key of your own`, key);
  }
}

function whyReserved(key: string): string | undefined {
  const slash = key.indexOf("/");
  const domain = slash < 0 ? "" : key.slice(0, slash);
  const find = (reserved: Readonly<Record<string, string>>, matches: (text: string) => boolean) =>
    Object.entries(reserved).find(([text]) => matches(text.toLowerCase()))?.[1];
  return (
    find(RESERVED_KEYS, (text) => key === text) ??
    find(RESERVED_PREFIXES, (text) => key.startsWith(text)) ??
    find(RESERVED_DOMAINS, (text) => domain === text || domain.endsWith(`.${text}`))
  );
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
