import {
  findImages,
  findSecurityGroups,
  type ImageFacts,
  listMachines,
  listOfferings,
  listZones,
} from "../../aws/ec2/account.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { route53 } from "../../aws/route53/client.ts";
import { findHostedZones } from "../../aws/route53/route53.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { findParameter } from "../../aws/ssm/parameters.ts";
import { AccessMissing, NotReadyYet, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, PinnedImages } from "../../domain/cluster/records.ts";
import {
  type AccountFacts,
  type AccountImage,
  evaluateAccount,
  evaluateAccountChange,
  imageArchitecture,
} from "../../domain/plan/account.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import type { Plan } from "../../domain/plan/plan-types.ts";
import type { RefusedSpec } from "../../domain/spec/parse-spec.ts";
import { checkableSpec, furtherProblems, isPlannable } from "../../domain/spec/refused-spec.ts";
import type { ClusterSpec, Problem } from "../../domain/spec/spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkApiName, checkName, checkNameCalls } from "./check-name.ts";
import { checkQuotas, checkQuotasCalls } from "./check-quotas.ts";

export const checkAccountCalls = {
  ...checkNameCalls,
  ...checkQuotasCalls,
  ...bind(ec2, { listMachines, listOfferings, findSecurityGroups, listZones, findImages }),
  ...bind(ssm, { findParameter }),
  ...bind(route53, { findHostedZones }),
};

type Collaborators = Deps<typeof checkAccountCalls>;

/** What a spec's words stand for in this account; pinned in the cluster's record at creation. */
export interface ResolvedSpec {
  readonly images: PinnedImages;
  readonly hostedZoneId?: string;
}

/** Amazon's public parameter for the newest Amazon Linux 2023 (docs/references/aws.md#images). */
function defaultImageParameter(architecture: string) {
  return `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;
}

/**
 * Holds a spec against the account: zones, instance types and where they are offered, security groups, image and its
 * architecture, hosted zone, what its plan needs of quotas, and whether its names are free. Reads only. Throws
 * SpecRejected with everything that is missing. `known` is the cluster's record, if its creation has begun.
 */
export async function checkAccount(
  deps: Collaborators,
  spec: ClusterSpec,
  plan: Plan,
  known?: ClusterRecord,
): Promise<{ resolved: ResolvedSpec; warnings: readonly string[] }> {
  const { problems, facts, warnings } = await readAccount(deps, spec, plan, known);
  if (problems.length > 0) throw new SpecRejected(problems);
  const [named] = facts.images ?? [];
  const [hostedZoneId] = facts.hostedZones;
  const resolved = {
    images: named === undefined ? await defaultImages(deps, spec, facts.architectures) : pinned(named),
    ...(hostedZoneId === undefined ? {} : { hostedZoneId }),
  };
  return { resolved, warnings };
}

/**
 * What the account lacks for as much of a refused spec as could be read, so that one answer has everything. What cannot
 * be found out is left out.
 */
export async function findMissing(
  deps: Collaborators,
  refused: RefusedSpec,
  known?: ClusterRecord,
): Promise<Problem[]> {
  const spec = checkableSpec(refused);
  if (spec === undefined) return [];
  try {
    const plan = isPlannable(refused) ? planCluster(spec).plan : undefined;
    const { problems } = await readAccount(deps, spec, plan, known);
    return furtherProblems(refused, problems);
  } catch (error) {
    if (error instanceof AccessMissing || error instanceof NotReadyYet) return [];
    throw error;
  }
}

/** Without a plan no quotas are read. */
async function readAccount(deps: Collaborators, spec: ClusterSpec, plan: Plan | undefined, known?: ClusterRecord) {
  const sizes = [spec.masterSize, ...(spec.masterSizeFallbacks ?? []), spec.nodeSize];
  const machines = deps.aws.listMachines(sizes);
  const [facts, ofName, quotas] = await Promise.all([
    readFacts(deps, spec, sizes, machines),
    spec.name === "" ? [] : checkName(deps, spec.name, known),
    machines.then((found) => {
      const vcpus = pick(found, (machine) => machine.vcpus);
      return plan === undefined ? { problems: [], warnings: [] } : checkQuotas(deps, spec, plan, vcpus, known?.uid);
    }),
  ]);
  const [hostedZoneId, ...others] = facts.hostedZones;
  const ofRecords =
    hostedZoneId === undefined || others.length > 0 || spec.name === ""
      ? []
      : await checkApiName(deps, spec.name, { id: hostedZoneId, zone: spec.dnsZone ?? hostedZoneId }, known);
  const problems = [...ofName, ...evaluateAccount(spec, facts), ...ofRecords, ...quotas.problems];
  return { problems, facts, warnings: quotas.warnings };
}

function pinned({ imageId, rootDevice }: AccountImage): PinnedImages {
  return {
    masters: imageId,
    nodes: imageId,
    rootDevice,
  };
}

/** Holds the changes of a spec against the account. Throws SpecRejected with everything that is missing for them. */
export async function checkChange(
  deps: Collaborators,
  from: ClusterSpec,
  to: ClusterSpec,
  fields: readonly string[],
): Promise<void> {
  const sizes = [from, to].flatMap((spec) => [spec.masterSize, ...(spec.masterSizeFallbacks ?? []), spec.nodeSize]);
  const facts = await readFacts(deps, to, sizes, deps.aws.listMachines(sizes));
  const problems = evaluateAccountChange(from, to, fields, facts);
  if (problems.length > 0) throw new SpecRejected(problems);
}

async function readFacts(
  deps: Collaborators,
  spec: ClusterSpec,
  sizes: readonly string[],
  machines: ReturnType<typeof listMachines>,
): Promise<AccountFacts> {
  const [offerings, known, securityGroups, images, hostedZones] = await Promise.all([
    deps.aws.listOfferings(sizes),
    machines,
    deps.aws.findSecurityGroups([...spec.masterSecurityGroups, ...spec.nodeSecurityGroups]),
    spec.image === undefined ? undefined : findImage(deps, spec.image),
    spec.dnsZone === undefined ? [] : findZone(deps, spec.dnsZone),
  ]);
  const zones = await zonesFor(deps, spec, offerings);
  const architectures = pick(known, (machine) => machine.architectures);
  return { zones, offerings, architectures, securityGroups, images, hostedZones };
}

function pick<T, U>(map: ReadonlyMap<string, T>, of: (value: T) => U): Map<string, U> {
  return new Map([...map].map(([key, value]) => [key, of(value)]));
}

/**
 * A zone that offers anything exists; the Region is asked for its zones only when one of the spec is not among those.
 */
async function zonesFor(
  deps: Collaborators,
  spec: ClusterSpec,
  offerings: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<string[]> {
  const offering = new Set([...offerings.values()].flatMap((zones) => [...zones]));
  return [...spec.zones, ...spec.masterZones].every((zone) => offering.has(zone))
    ? [...offering]
    : deps.aws.listZones();
}

/** `ami-…`, `ssm:<parameter>`, `owner/name`, or `name` of the account's own (docs/references/kops.md#images). */
async function findImage(deps: Collaborators, image: string): Promise<ImageFacts[]> {
  if (image.startsWith("ami-")) return deps.aws.findImages({ id: image });
  if (image.startsWith("ssm:")) {
    const id = await deps.aws.findParameter(image.slice("ssm:".length));
    return id === undefined ? [] : deps.aws.findImages({ id });
  }
  const slash = image.indexOf("/");
  return slash < 0
    ? deps.aws.findImages({ owner: "self", name: image })
    : deps.aws.findImages({ owner: image.slice(0, slash), name: image.slice(slash + 1) });
}

/** A hosted zone's id as it is, or a name to look up. */
async function findZone(deps: Collaborators, zone: string): Promise<string[]> {
  return /^Z[A-Z0-9]{7,}$/.test(zone) ? [zone] : deps.aws.findHostedZones(zone);
}

async function defaultImages(
  deps: Collaborators,
  spec: ClusterSpec,
  architectures: ReadonlyMap<string, readonly string[]>,
) {
  const architectureOf = (size: string) => imageArchitecture(architectures.get(size));
  const imageFor = async (architecture: string): Promise<string> => {
    const id = await deps.aws.findParameter(defaultImageParameter(architecture));
    if (id === undefined) {
      const message = `--image: the Region has no default image for ${architecture}; name one`;
      throw new SpecRejected([{ flag: "--image", value: "", message }]);
    }
    return id;
  };
  const [ofMasters, ofNodes] = [architectureOf(spec.masterSize), architectureOf(spec.nodeSize)];
  const masters = await imageFor(ofMasters);
  return { masters, nodes: ofNodes === ofMasters ? masters : await imageFor(ofNodes) };
}
