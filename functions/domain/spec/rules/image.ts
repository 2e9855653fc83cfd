import { type Findings, type Given, quote, readText, refuse } from "../values.ts";

/** What `--image` points at. By name the newest image of that owner and name is meant, as in kops. */
export type ImageReference =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "parameter"; readonly parameter: string }
  | { readonly kind: "name"; readonly owner: string; readonly name: string };

/** Accounts that publish images, by the names that kops gives them; `amazon` and `self` are EC2's own words. */
const OWNERS: Readonly<Record<string, string>> = {
  amazon: "amazon",
  self: "self",
  "coreos.com": "595879546273",
  debian: "136693071363",
  flatcar: "075585003325",
  "kope.io": "383156758163",
  redhat: "309956199498",
  "redhat.com": "309956199498",
  rocky: "792107900819",
  ubuntu: "099720109477",
};
/** A part of what EC2 allows in image names: what needs no quoting anywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._/@-]{2,127}$/;
const PARAMETER = /^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

/** Undefined when the text is none of `ami-…`, `ssm:<parameter>`, `name`, `owner/name`. */
export function parseImage(text: string): ImageReference | undefined {
  if (text.includes("..")) return undefined;
  if (text.startsWith("ami-")) {
    return /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(text) ? { kind: "id", id: text } : undefined;
  }
  if (text.startsWith("ssm:")) {
    const parameter = text.slice("ssm:".length);
    return PARAMETER.test(parameter) ? { kind: "parameter", parameter } : undefined;
  }
  const slash = text.indexOf("/");
  const owner = slash < 0 ? "self" : text.slice(0, slash);
  const name = text.slice(slash + 1);
  const account = Object.hasOwn(OWNERS, owner) ? OWNERS[owner] : /^\d{12}$/.test(owner) ? owner : undefined;
  return account !== undefined && NAME.test(name) ? { kind: "name", owner: account, name } : undefined;
}

export function readImage(given: Given | undefined, findings: Findings): string | undefined {
  const text = readText(given, findings);
  if (!given || text === undefined || parseImage(text)) return text;
  const owners = `a 12-digit account or ${Object.keys(OWNERS).join(", ")}`;
  const forms = `ami- and 8 or 17 hexadecimal digits, ssm:PARAMETER, NAME or OWNER/NAME (OWNER: ${owners})`;
  return refuse(findings, given, `${quote(text)} is not an image; expected ${forms}`);
}
