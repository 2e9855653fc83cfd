import { type AccountFacts, imageArchitecture, judgeAccount, judgeAccountChange } from "../domain/account.ts";
import { SpecRejected } from "../domain/errors.ts";
import type { ClusterSpec } from "../domain/spec.ts";
import {
  findImages,
  findSecurityGroups,
  type ImageFacts,
  listArchitectures,
  listOfferings,
  listZones,
} from "../gateways/ec2/account.ts";
import { findParameter } from "../gateways/parameters.ts";
import { findHostedZones } from "../gateways/route53.ts";

/** What a spec's words stand for in this account; pinned in the cluster's record at creation. */
export interface ResolvedSpec {
  readonly images: { readonly masters: string; readonly nodes: string };
  readonly hostedZoneId?: string;
}

/** Amazon's public parameter for the newest Amazon Linux 2023 (aws-facts §9.8). */
const defaultImageParameter = (architecture: string) =>
  `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;

/**
 * Holds a spec against the account: zones, instance types and where they are offered, security groups, image and its
 * architecture, hosted zone. Reads only. Throws SpecRejected with everything that is missing.
 */
export const checkAccount = async (spec: ClusterSpec): Promise<ResolvedSpec> => {
  const facts = await readFacts(spec, [spec.masterSize, spec.nodeSize]);
  const problems = judgeAccount(spec, facts);
  if (problems.length > 0) throw new SpecRejected(problems);
  const named = facts.images?.[0]?.imageId;
  const hostedZoneId = facts.hostedZones[0];
  return {
    images: named === undefined ? await defaultImages(spec, facts.architectures) : { masters: named, nodes: named },
    ...(hostedZoneId === undefined ? {} : { hostedZoneId }),
  };
};

/** Holds the changes of a spec against the account. Throws SpecRejected with everything that is missing for them. */
export const checkChange = async (from: ClusterSpec, to: ClusterSpec, fields: readonly string[]): Promise<void> => {
  const facts = await readFacts(to, [from.masterSize, from.nodeSize, to.masterSize, to.nodeSize]);
  const problems = judgeAccountChange(from, to, fields, facts);
  if (problems.length > 0) throw new SpecRejected(problems);
};

const readFacts = async (spec: ClusterSpec, sizes: readonly string[]): Promise<AccountFacts> => {
  const [zones, offerings, architectures, securityGroups, images, hostedZones] = await Promise.all([
    listZones(),
    listOfferings(sizes),
    listArchitectures(sizes),
    findSecurityGroups([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups]),
    spec.image === undefined ? undefined : findImage(spec.image),
    spec.dnsZone === undefined ? [] : findZone(spec.dnsZone),
  ]);
  return { zones, offerings, architectures, securityGroups, images, hostedZones };
};

/** `ami-…`, `ssm:<parameter>`, `owner/name`, or `name` of the account's own (kops-reference §a.5). */
const findImage = async (image: string): Promise<ImageFacts[]> => {
  if (image.startsWith("ami-")) return findImages({ id: image });
  if (image.startsWith("ssm:")) {
    const id = await findParameter(image.slice("ssm:".length));
    return id === undefined ? [] : findImages({ id });
  }
  const slash = image.indexOf("/");
  return slash < 0
    ? findImages({ owner: "self", name: image })
    : findImages({ owner: image.slice(0, slash), name: image.slice(slash + 1) });
};

/** A hosted zone's id as it is, or a name to look up. */
const findZone = async (zone: string): Promise<string[]> =>
  /^Z[A-Z0-9]{7,}$/.test(zone) ? [zone] : findHostedZones(zone);

const defaultImages = async (spec: ClusterSpec, architectures: ReadonlyMap<string, readonly string[]>) => {
  const imageFor = async (size: string): Promise<string> => {
    const architecture = imageArchitecture(architectures.get(size));
    const id = await findParameter(defaultImageParameter(architecture));
    if (id === undefined) {
      const message = `--image: the Region has no default image for ${architecture}; name one`;
      throw new SpecRejected([{ flag: "--image", value: "", message }]);
    }
    return id;
  };
  const [masters, nodes] = await Promise.all([imageFor(spec.masterSize), imageFor(spec.nodeSize)]);
  return { masters, nodes };
};
