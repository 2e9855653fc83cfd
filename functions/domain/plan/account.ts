import { kubernetesTag } from "../cluster/naming.ts";
import type { ClusterSpec, Problem } from "../spec/spec.ts";
import { masterRootGiB, nodeRootGiB } from "./disks.ts";
import { subnetZones } from "./subnets.ts";

/** An image as EC2 describes it. */
export interface AccountImage {
  readonly imageId: string;
  readonly architecture: string;
  readonly state: string;
  /** `ebs` or `instance-store`. */
  readonly rootDeviceType: string;
  /** `/dev/xvda`, `/dev/sda1`: a mapping by another name makes a second volume. */
  readonly rootDevice: string;
  /** Of the snapshot that a root volume is made from. */
  readonly rootGiB: number;
}

/** A security group that the spec brings. */
export interface AccountGroup {
  readonly cluster: string | null;
  readonly isDefault: boolean;
  readonly tagKeys: readonly string[];
}

/** Facts about an account and its Region that a spec depends on. `checkAccount` gathers them. */
export interface AccountFacts {
  readonly zones: readonly string[];
  /** Zones that offer each instance type. */
  readonly offerings: ReadonlyMap<string, ReadonlySet<string>>;
  /** Architectures of each instance type. */
  readonly architectures: ReadonlyMap<string, readonly string[]>;
  readonly securityGroups: ReadonlyMap<string, AccountGroup>;
  /** Newest first; empty if none matches. Undefined: the spec names no image and the default is used. */
  readonly images: readonly AccountImage[] | undefined;
  readonly hostedZones: readonly string[];
}

/** Worded like the spec's own rules: flag, value, problem. */
function problem(flag: string, value: string, what: string): Problem {
  return {
    flag,
    value,
    message: `${flag}: "${value}" ${what}`,
  };
}

/** Everything that this account lacks for the spec. Flags are named as in the CLI. */
export function evaluateAccount(spec: ClusterSpec, facts: AccountFacts): Problem[] {
  return [
    ...evaluateZones(spec, facts),
    ...evaluateSize("--master-size", spec.masterSize, homesOf(spec), facts),
    ...fallbacksOf(spec).flatMap((size) => evaluateSize("--master-size-fallbacks", size, homesOf(spec), facts)),
    ...evaluateFallbacks(spec, facts),
    ...evaluateSize("--node-size", spec.nodeSize, spec.nodeCount > 0 ? spec.zones : [], facts),
    ...evaluateGroups("--master-security-groups", spec.masterSecurityGroups, facts),
    ...evaluateGroups("--node-security-groups", spec.nodeSecurityGroups, facts),
    ...evaluateGroupUse("--master-security-groups", spec.masterSecurityGroups, spec.name, facts),
    ...evaluateGroupUse("--node-security-groups", spec.nodeSecurityGroups, spec.name, facts),
    ...evaluateImage(spec, facts),
    ...evaluateRoots(spec, facts),
    ...evaluateHostedZone(spec, facts),
  ];
}

/** Changes of these fields are checked. The rest of an existing spec is not checked again. */
const CHECKED: Readonly<Record<string, readonly string[]>> = {
  nodeCount: ["--node-size", "--node-volume-size"],
  nodeSize: ["--node-size", "--image"],
  masterSize: ["--master-size", "--image"],
  masterZones: ["--zones", "--master-zones", "--master-size", "--master-size-fallbacks"],
  masterZoneFallback: ["--master-size"],
  nodeRootVolumeGiB: ["--node-volume-size"],
  masterRootVolumeGiB: ["--master-volume-size"],
  nodeSecurityGroups: ["--node-security-groups"],
  masterSecurityGroups: ["--master-security-groups"],
};

/** What this account lacks for the changes of a spec. Images are pinned, so machines keep their architecture. */
export function evaluateAccountChange(
  from: ClusterSpec,
  to: ClusterSpec,
  fields: readonly string[],
  facts: AccountFacts,
): Problem[] {
  const flags = new Set(fields.flatMap((field) => CHECKED[field] ?? []));
  return [
    ...evaluateAccount(to, facts).filter(({ flag }) => flags.has(flag)),
    ...evaluateArchitecture("--master-size", from.masterSize, to.masterSize, facts),
    ...evaluateArchitecture("--node-size", from.nodeSize, to.nodeSize, facts),
  ];
}

function evaluateArchitecture(flag: string, from: string, to: string, { architectures }: AccountFacts): Problem[] {
  const [before, after] = [architectures.get(from), architectures.get(to)];
  if (!before || !after || imageArchitecture(before) === imageArchitecture(after)) return [];
  return [problem(flag, to, `is ${after.join("/")}, but the cluster's image is ${imageArchitecture(before)}`)];
}

/** Of the default image for a machine of these architectures. */
export function imageArchitecture(architectures: readonly string[] | undefined): string {
  return architectures?.includes("x86_64") === false ? "arm64" : "x86_64";
}

function evaluateZones(spec: ClusterSpec, facts: AccountFacts): Problem[] {
  const known = facts.zones;
  const check = (flag: string, zones: readonly string[]) =>
    [...new Set(zones)]
      .filter((zone) => !known.includes(zone))
      .map((zone) => problem(flag, zone, `is not a zone of this account; there are ${known.join(", ")}`));
  // Without zones of their own, masters use the nodes' zones. A problem of a zone is reported once.
  const further = spec.masterZones.filter((zone) => !spec.zones.includes(zone));
  return [...check("--zones", spec.zones), ...check("--master-zones", further)];
}

function evaluateSize(flag: string, value: string, zones: readonly string[], facts: AccountFacts): Problem[] {
  if (zones.length === 0) return [];
  const offered = facts.offerings.get(value);
  if (!offered) return [problem(flag, value, `is not an instance type of ${regionOf(zones)}`)];
  const known = new Set(facts.zones);
  const missing = [...new Set(zones)].filter((zone) => known.has(zone) && !offered.has(zone));
  return missing.length === 0 ? [] : [problem(flag, value, `is not offered in ${missing.join(", ")}`)];
}

/** Every zone to which a master may move. */
function homesOf(spec: ClusterSpec): readonly string[] {
  return spec.masterZoneFallback === "move" ? subnetZones(spec) : spec.masterZones;
}

function fallbacksOf({ masterSizeFallbacks = [] }: ClusterSpec): readonly string[] {
  return masterSizeFallbacks;
}

/** The image is pinned for the first type, so every other type must run it too. */
function evaluateFallbacks(spec: ClusterSpec, { architectures }: AccountFacts): Problem[] {
  const wanted = architectures.get(spec.masterSize) ?? [];
  return fallbacksOf(spec)
    .filter((size) => architectures.has(size) && !architectures.get(size)?.some((each) => wanted.includes(each)))
    .map((size) =>
      problem(
        "--master-size-fallbacks",
        size,
        `is ${architectures.get(size)?.join("/")}, but --master-size ${spec.masterSize} is ${wanted.join("/")}`,
      ),
    );
}

function regionOf(zones: readonly string[]): string {
  return (zones[0] ?? "").slice(0, -1);
}

function evaluateGroups(flag: string, ids: readonly string[], facts: AccountFacts): Problem[] {
  return ids
    .filter((id) => !facts.securityGroups.has(id))
    .map((id) => problem(flag, id, "does not exist in this account and Region"));
}

/**
 * Groups of other clusters are refused: using one would block that cluster's deletion. A default group cannot serve
 * another VPC. Of two groups with the cluster's tag, the cloud controller accepts neither.
 */
function evaluateGroupUse(
  flag: string,
  ids: readonly string[],
  name: string,
  { securityGroups }: AccountFacts,
): Problem[] {
  return ids.flatMap((id) => {
    const group = securityGroups.get(id);
    if (!group) return [];
    const { cluster, isDefault, tagKeys } = group;
    const tag = kubernetesTag(name);
    if (cluster !== null) return [problem(flag, id, `belongs to the cluster ${cluster}; bring a group of your own`)];
    if (isDefault) return [problem(flag, id, "is the default group of its VPC, which no other can use; make a group")];
    if (!tagKeys.includes(tag)) return [];
    return [problem(flag, id, `has the tag ${tag}, by which Kubernetes finds its own group; remove the tag`)];
  });
}

function evaluateImage(spec: ClusterSpec, facts: AccountFacts): Problem[] {
  if (spec.image === undefined || facts.images === undefined) return [];
  const flag = "--image";
  const value = spec.image;
  const image = facts.images[0];
  if (!image) return [problem(flag, value, "names no image that this account can see in this Region")];
  if (image.state !== "available") return [problem(flag, value, `is ${image.imageId}, which is ${image.state}`)];
  if (image.rootDeviceType !== "ebs") {
    const why = "its root is not an EBS volume, so that it can be neither sized nor encrypted";
    return [problem(flag, value, `is ${image.imageId}: ${why}; choose an image with an EBS root`)];
  }
  const roles = [
    ["--master-size", spec.masterSize] as const,
    ...fallbacksOf(spec).map((size) => ["--master-size-fallbacks", size] as const),
    ["--node-size", spec.nodeSize] as const,
  ];
  return roles
    .filter(([, size]) => facts.architectures.has(size) && !facts.architectures.get(size)?.includes(image.architecture))
    .map(([sizeFlag, size]) =>
      problem(
        flag,
        value,
        `is built for ${image.architecture}, but ${sizeFlag} ${size} is ${facts.architectures.get(size)?.join("/")}`,
      ),
    );
}

/** A volume is at least as large as the snapshot that it is made from. Default images fit the smallest root. */
function evaluateRoots(spec: ClusterSpec, { images: [image] = [] }: AccountFacts): Problem[] {
  const roots = [
    ["--master-volume-size", masterRootGiB(spec)] as const,
    ...(spec.nodeCount > 0 ? [["--node-volume-size", nodeRootGiB(spec)] as const] : []),
  ];
  return roots
    .filter(([, size]) => image !== undefined && size < image.rootGiB)
    .map(([flag, size]) =>
      problem(flag, String(size), `is too small: the root of ${image?.imageId} has ${image?.rootGiB} GiB`),
    );
}

function evaluateHostedZone(spec: ClusterSpec, facts: AccountFacts): Problem[] {
  if (spec.dnsZone === undefined) return [];
  const flag = "--dns-zone";
  if (facts.hostedZones.length === 1) return [];
  const message =
    facts.hostedZones.length === 0
      ? "is not the name of a hosted zone in Route 53"
      : `is the name of several hosted zones: ${facts.hostedZones.join(", ")}; give the id of one`;
  return [problem(flag, spec.dnsZone, message)];
}

/** AWS's own key for volumes, which every caller may use. */
const AWS_KEY = /(^|:)alias\/aws\/ebs$/;

/** Warning about the default key for volumes; undefined if it is AWS's own. */
export function explainDefaultKey(key: string): string | undefined {
  return AWS_KEY.test(key)
    ? undefined
    : `volumes are encrypted with this account's default key ${key}. Its policy must let the roles of Holdfast's functions and ` +
        "AWSServiceRoleForAutoScaling use it: kms:CreateGrant, kms:Decrypt, kms:GenerateDataKeyWithoutPlaintext. " +
        "Otherwise volumes fail and instances end at launch.";
}
