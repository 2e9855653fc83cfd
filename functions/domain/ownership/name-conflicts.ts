import { leadsToBalancer } from "../cluster/naming.ts";
import type { Problem } from "../spec/spec.ts";

/** Something that carries Kubernetes' tag of a cluster of some name. */
export interface NamedResource {
  readonly id: string;
  /** As EC2 calls it: `volume`, `security-group`. */
  readonly type: string;
  /** Of the cluster of Holdfast's that made it; undefined for what somebody else made. */
  readonly uid: string | undefined;
}

/** Kinds that outlive a cluster on purpose: they say nothing about whether it lives. */
const KEPT = new Set(["snapshot", "image", "fleet", "spot-instances-request"]);

export function isKept(type: string): boolean {
  return KEPT.has(type);
}

const SHOWN = 2;

function named(things: readonly { readonly id: string; readonly type: string }[]): string {
  const first = things.slice(0, SHOWN).map(({ id, type }) => (type === "" ? id : `${id} (${type})`));
  const more = things.length > SHOWN ? ` and ${things.length - SHOWN} more` : "";
  return `${first.join(", ")}${more}`;
}

/**
 * Reasons against a cluster's name. Two clusters of one name share Kubernetes' tag: each one's drivers could change the
 * other's resources, and a deletion would remove the other's volumes. `uid` is that of the cluster in question, if it
 * is on record.
 */
export function evaluateName(
  name: string,
  uid: string | undefined,
  found: { readonly resources: readonly NamedResource[]; readonly parameters: readonly string[] },
): Problem[] {
  const problem = (message: string): Problem => ({ flag: "NAME", value: name, message: `NAME: "${name}" ${message}` });
  const foreign = found.resources.filter((each) => each.uid === undefined);
  if (foreign.length > 0) {
    const what = `with the tag kubernetes.io/cluster/${name}: ${named(foreign)}`;
    const remedy = "Choose another name, or remove these if nothing uses them";
    return [problem(`is the name of a cluster of kops, EKS or another tool, which has resources ${what}. ${remedy}`)];
  }
  const left = found.resources.filter((each) => each.uid !== uid);
  if (left.length > 0) {
    const whose = `has resources of another cluster of that name (uid ${left[0]?.uid}): ${named(left)}`;
    return [problem(`${whose}. Remove them with \`holdfast delete cluster ${name} --yes\`, or choose another name`)];
  }
  if (found.parameters.length === 0) return [];
  const parameters = named(found.parameters.map((id) => ({ id, type: "" })));
  const remedy = "Remove them if nothing uses them (`aws ssm delete-parameter --name …`), or choose another name";
  return [problem(`has parameters that another wrote: ${parameters}. ${remedy}`)];
}

/** A record of the API's name, as far as it matters who made it. */
export interface NameRecord {
  readonly type: string;
  /** Addresses or names; an alias has the name of its target. */
  readonly values: readonly string[];
  readonly alias: boolean;
}

/** Kinds of records that say where a name leads. */
export const LEADING = new Set(["A", "AAAA", "CNAME"]);

/** Is the record what would have been made for the load balancer of this name? */
export function leadsTo({ type, alias, values }: NameRecord, balancer: string): boolean {
  return type === "A" && alias && values.some((value) => leadsToBalancer(value, balancer));
}

/**
 * Why the API's name must not be made in this zone: somebody has it. `balancer` is the cluster's own, if it is on
 * record.
 */
export function evaluateNameRecords(
  zone: string,
  name: string,
  records: readonly NameRecord[],
  balancer: string | undefined,
): Problem[] {
  const foreign = records.filter(
    (record) => LEADING.has(record.type) && !(balancer !== undefined && leadsTo(record, balancer)),
  );
  if (foreign.length === 0) return [];
  const message =
    `--dns-zone: "${zone}" has the name ${name} already (${foreign.map(recordText).join(", ")}). ` +
    "Remove that record, choose another name for the cluster, or leave --dns-zone out";
  return [{ flag: "--dns-zone", value: zone, message }];
}

/** `A 203.0.113.10`. */
export function recordText({ type, values, alias }: NameRecord): string {
  return `${type} ${alias ? "alias of " : ""}${values.join(" ")}`;
}
