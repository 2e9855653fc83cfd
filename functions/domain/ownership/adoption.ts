import { isDeepStrictEqual } from "node:util";
import { OwnershipConflict } from "../cluster/errors.ts";
import { type Owner, SECRETS_KEY, TAG } from "../cluster/naming.ts";

/**
 * Decides whether an existing resource may be used as if this cluster had just created it. Tags are not proof, since
 * others may write them. Each resource must also have the properties that the cluster would have given it. A rule
 * returns the differences, in words; an empty list means yes. Changing or destroying is decided in ownership.ts.
 */
type Value = string | number | undefined;

function shown(value: Value): string {
  return value === undefined || value === "" ? "none" : String(value);
}

/** `its zone is us-west-2b instead of us-west-2a`, for each that differs. */
function differing(pairs: Readonly<Record<string, readonly [found: Value, wanted: Value]>>): string[] {
  return Object.entries(pairs)
    .filter(([, [found, wanted]]) => found !== wanted)
    .map(([what, [found, wanted]]) => `its ${what} is ${shown(found)} instead of ${shown(wanted)}`);
}

export type Tags = Readonly<Record<string, string>>;

/** Every thing that a cluster makes says whose it is, and which of the cluster's things. */
export function tagDifferences(owner: Owner, resource: string, tags: Tags, more: Tags = {}): string[] {
  return Object.entries({
    [TAG.uid]: owner.uid,
    [TAG.cluster]: owner.cluster,
    [TAG.resource]: resource,
    ...more,
  }).flatMap(([key, wanted]) => {
    const found = tags[key];
    if (found === wanted) return [];
    return [found === undefined ? `it has no tag ${key}` : `its tag ${key} is ${found} instead of ${wanted}`];
  });
}

export interface VolumeFacts {
  readonly encrypted: boolean;
  readonly type: string;
  readonly zone: string;
  readonly sizeGiB: number;
  readonly state: string;
  /** The instance that has it. */
  readonly attachedTo: string | undefined;
}

/** For a volume that no record names yet: this cluster cannot have attached it. */
export function volumeDifferences(request: { zone: string; sizeGiB: number }, found: VolumeFacts): string[] {
  return [
    ...(found.encrypted ? [] : ["it is not encrypted"]),
    ...differing({ zone: [found.zone, request.zone], type: [found.type, "gp3"] }),
    ...(found.sizeGiB >= request.sizeGiB ? [] : [`its size is ${found.sizeGiB} GiB instead of ${request.sizeGiB} GiB`]),
    ...(found.attachedTo === undefined ? [] : [`it is attached to ${found.attachedTo}`]),
    ...(["creating", "available", "in-use"].includes(found.state) ? [] : [`its state is ${shown(found.state)}`]),
  ];
}

export interface InterfaceFacts {
  readonly subnetId: string | undefined;
  readonly address: string | undefined;
  /** `interface`, unless a service of AWS made it for itself. */
  readonly type: string | undefined;
}

/** A subnet lies in one VPC, so that the subnet says which. */
export function interfaceDifferences(
  request: { readonly subnetId: string; readonly address: string | undefined },
  found: InterfaceFacts,
): string[] {
  return differing({
    subnet: [found.subnetId, request.subnetId],
    address: [found.address, request.address ?? found.address],
    type: [found.type, "interface"],
  });
}

export function vpcDifferences(cidr: string, found: { readonly cidr: string | undefined }): string[] {
  return differing({ "address range": [found.cidr, cidr] });
}

export interface SubnetFacts {
  readonly vpcId: string | undefined;
  readonly cidr: string | undefined;
  readonly zone: string | undefined;
}

export function subnetDifferences(request: SubnetFacts, found: SubnetFacts): string[] {
  return differing({
    VPC: [found.vpcId, request.vpcId],
    "address range": [found.cidr, request.cidr],
    zone: [found.zone, request.zone],
  });
}

/** For what has no further property: security groups, route tables. */
export function placeDifferences(vpcId: string, found: { readonly vpcId: string | undefined }): string[] {
  return differing({ VPC: [found.vpcId, vpcId] });
}

export function natGatewayDifferences(subnetId: string, found: { readonly subnetId: string | undefined }): string[] {
  return differing({ subnet: [found.subnetId, subnetId] });
}

/** Of a member's Elastic IP: it is associated with nothing, or with an interface of that member. */
export function addressDifferences(
  interfaces: readonly (string | null)[],
  { interfaceId }: { readonly interfaceId: string | undefined },
): string[] {
  return interfaceId === undefined || interfaces.includes(interfaceId) ? [] : [`it is associated with ${interfaceId}`];
}

/** An internet gateway belongs to one VPC, or to none yet. */
export function internetGatewayDifferences(vpcId: string, attachedTo: readonly (string | undefined)[]): string[] {
  return attachedTo.flatMap((found) => placeDifferences(vpcId, { vpcId: found }));
}

export interface TemplateFacts {
  readonly instanceProfile: string | undefined;
  /** The interface that it names; undefined where instances get one made. */
  readonly interfaceId: string | undefined;
}

export function templateDifferences(request: TemplateFacts, found: TemplateFacts): string[] {
  return differing({
    "instance profile": [found.instanceProfile, request.instanceProfile],
    interface: [found.interfaceId, request.interfaceId],
  });
}

export function groupDifferences(
  launchTemplateId: string,
  found: { readonly launchTemplateId: string | undefined },
): string[] {
  return differing({ "launch template": [found.launchTemplateId, launchTemplateId] });
}

export function listenerDifferences(
  targetGroupArn: string,
  found: { readonly targetGroupArn: string | undefined },
): string[] {
  return differing({ "target group": [found.targetGroupArn, targetGroupArn] });
}

export interface RoleFacts {
  readonly path: string | undefined;
  readonly boundaryArn: string | undefined;
  /** The policy that says who may assume it. */
  readonly trust: unknown;
}

export function roleDifferences(request: RoleFacts, found: RoleFacts): string[] {
  return [
    ...differing({
      path: [found.path, request.path],
      "permissions boundary": [found.boundaryArn, request.boundaryArn],
    }),
    ...(isDeepStrictEqual(found.trust, request.trust) ? [] : ["others than EC2 may assume it"]),
  ];
}

/** A profile holds one role: the cluster's, or none yet. */
export function profileDifferences(
  request: { readonly path: string; readonly role: string },
  found: { readonly path: string | undefined; readonly roles: readonly string[] },
): string[] {
  return [
    ...differing({ path: [found.path, request.path] }),
    ...found.roles.flatMap((role) => differing({ role: [role, request.role] })),
  ];
}

export type ParameterKind = "SecureString" | "String";

/** Parameter Store says a key as it was named when the parameter was written: by its alias. */
export function parameterDifferences(
  kind: ParameterKind,
  found: { readonly type: string | undefined; readonly key: string | undefined },
): string[] {
  const type = differing({ type: [found.type, kind] });
  if (type.length > 0 || kind === "String") return type;
  return differing({ key: [found.key, SECRETS_KEY] });
}

/** Throws OwnershipConflict, which names the thing, what differs, and what to do. */
export function requireOwn(thing: string, { cluster }: Owner, differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw new OwnershipConflict(
    `${thing} is there already, and is not what ${cluster} would have made: ${differences.join("; ")}. It was left as ` +
      "it is. If nothing uses it, remove it and run the command again; otherwise choose another name for the cluster.",
  );
}
