import { DEFAULT_KUBERNETES_VERSION, findKubernetesMinor, kubernetesMinors } from "../../releases/versions.ts";
import { FIELDS } from "../field-table.ts";
import type { SpecFields } from "../fields.ts";
import { InstanceType, SecurityGroupId } from "../value-schemas.ts";
import { duplicatesOf, type Findings, type Given, quote, readInteger, readList, readText, refuse } from "../values.ts";

/** AWS lets a network interface have five groups unless asked for more; one is the cluster's own. */
const MAX_GROUPS = 4;

/** kops takes a list of sizes and mixes them; Holdfast takes the first and says so. */
export function readSize(given: Given | undefined, findings: Findings): string | undefined {
  if (!given) return FIELDS.masterSize.default;
  const sizes = readList(given, findings);
  if (!sizes) return undefined;
  if (sizes.length === 0) return refuse(findings, given, "the list is empty; expected a name such as t3.medium");
  const malformed = sizes.filter((size) => !InstanceType.safeParse(size).success);
  for (const size of malformed) {
    refuse(findings, given, `${quote(size)} is not an instance type; expected a name such as t3.medium`, size);
  }
  if (malformed.length > 0) return undefined;
  const [first, ...others] = sizes;
  if (others.length > 0) findings.warnings.push(`${given.flag}: ${first} is used, ${others.join(", ")} not`);
  return first;
}

/** More would only be tried when all the others have no capacity, which is when the zone has none. */
const MAX_FALLBACKS = 5;

/** Types to take instead, in order; none of them the first choice, none twice. */
export function readFallbacks(given: Given | undefined, size: string | undefined, findings: Findings): string[] {
  const sizes = readList(given, findings);
  if (!given || !sizes) return [];
  for (const name of sizes.filter((each) => !InstanceType.safeParse(each).success)) {
    refuse(findings, given, `${quote(name)} is not an instance type; expected a name such as t3.medium`, name);
  }
  for (const name of duplicatesOf(sizes)) refuse(findings, given, `${quote(name)} is given twice`, name);
  if (size !== undefined && sizes.includes(size)) {
    refuse(findings, given, `${quote(size)} is what the masters have anyway; name other types`, size);
  }
  if (sizes.length > MAX_FALLBACKS) {
    refuse(findings, given, `${sizes.length} types are more than the ${MAX_FALLBACKS} that can be given`);
  }
  return sizes;
}

/** As in kops, 0 stands for the default, which specs omit. */
export function readRootVolume(
  field: "nodeRootVolumeGiB" | "masterRootVolumeGiB",
  fields: SpecFields,
  findings: Findings,
): number | undefined {
  const given = fields[field];
  if (given?.value === "0" || given?.value === 0) return undefined;
  const size = readInteger(given, FIELDS[field].bounds, findings);
  return size === FIELDS[field].default ? undefined : size;
}

/** Groups that the user brings. Existence is a matter of the account, form is not. */
export function readSecurityGroups(given: Given | undefined, findings: Findings): string[] {
  const ids = readList(given, findings);
  if (!given || !ids) return [];
  for (const id of new Set(ids)) {
    if (SecurityGroupId.safeParse(id).success) continue;
    const seems = /^i-[0-9a-f]+$/.test(id) ? " (i- begins the id of an instance)" : "";
    const expected = "expected sg- and 8 or 17 hexadecimal digits, such as sg-12345678 or sg-0123456789abcdef0";
    refuse(findings, given, `${quote(id)} is not the id of a security group${seems}; ${expected}`, id);
  }
  for (const id of duplicatesOf(ids)) refuse(findings, given, `${quote(id)} is given twice`, id);
  if (ids.length > MAX_GROUPS) {
    refuse(findings, given, `${ids.length} groups are too many; AWS allows 5 an interface, one is the cluster's own`);
  }
  return ids;
}

/** `1.36`, `v1.36` or a patch release of it, stored without the `v`. */
export function readKubernetesVersion(given: Given | undefined, findings: Findings): string | undefined {
  if (!given) return DEFAULT_KUBERNETES_VERSION;
  // YAML reads an unquoted 1.36 as a number.
  const text = typeof given.value === "number" ? String(given.value) : readText(given, findings);
  if (text === undefined) return undefined;
  const version = text.replace(/^v/, "");
  const supported = kubernetesMinors.map(({ minor }) => minor).join(", ");
  if (!/^1\.\d{1,3}(\.\d{1,3})?$/.test(version)) {
    return refuse(findings, given, `${quote(text)} is not a Kubernetes version; expected one of ${supported}`);
  }
  if (findKubernetesMinor(version)) return version;
  return refuse(findings, given, `Kubernetes ${quote(version)} is not supported; expected one of ${supported}`);
}
