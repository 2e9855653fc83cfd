import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances } from "../../aws/ec2/compute.ts";
import { ClusterUnknown, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { migrationDemands, whyNoMigration } from "../../domain/migrate/migration-start.ts";
import {
  changesOf,
  type MigrationPlan,
  type MigrationWish,
  planOfMigration,
} from "../../domain/migrate/planned-migration.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import { explainNoRoom } from "../../domain/plan/further-subnets.ts";
import { type ParsedSpec, specFromPatch } from "../../domain/spec/parse-spec.ts";
import type { ClusterSpec, Problem } from "../../domain/spec/spec.ts";
import { flagOfField } from "../../domain/spec/spec-change.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkAccountCalls, checkChange } from "../account/check-account.ts";
import { checkDemands } from "../account/check-quotas.ts";
import { askMembers, observeCalls } from "../members/observe.ts";
import { findRoom, findRoomCalls } from "./find-room.ts";

export const checkMigrationCalls = {
  ...checkAccountCalls,
  ...observeCalls,
  ...findRoomCalls,
  ...bind(ec2, { findInstances }),
};

type Collaborators = Deps<typeof checkMigrationCalls, { readonly MEMBER_HEALTH_DOCUMENT: string }>;

/** What somebody asks for. */
export interface MigrationAsked {
  /** One for each master. */
  readonly masterZones: readonly string[];
  readonly masterSize?: string | undefined;
  readonly noRoll: boolean;
}

export interface CheckedMigration {
  readonly cluster: ClusterRecord;
  readonly spec: ClusterSpec;
  readonly plan: MigrationPlan;
  /** `nothing`: the masters are there already. `resume`: it has begun, and continues. */
  readonly next: "begin" | "resume" | "nothing";
}

const ASK_WITHIN_MS = 6_000;

/**
 * Holds a migration that is asked for against the cluster, the account and the network, and changes nothing. Throws
 * SpecRejected with all that is in the way, ClusterUnknown.
 */
export async function checkMigration(
  deps: Collaborators,
  name: string,
  asked: MigrationAsked,
): Promise<CheckedMigration> {
  const cluster = await deps.store.getCluster(name);
  if (cluster.status === "DELETED") throw new ClusterUnknown(`there is no cluster ${name}`);
  const parsed = specFromPatch(cluster.spec, { document: wishOf(asked) });
  const open = cluster.migration ?? undefined;
  const isSame = parsed.ok && open !== undefined && sameZones(open.to, parsed.spec.masterZones);
  if (open !== undefined && !isSame) {
    const begun = `a migration to ${open.to.join(",")} has begun and is not complete; request that one again`;
    throw new SpecRejected([...ofWish(parsed), refusal("NAME", name, begun)]);
  }
  const answers = open === undefined ? await answersOf(deps, cluster) : [];
  const unhealthy = answers.filter(({ healthy }) => !healthy);
  const ofCluster = open === undefined ? whyNoMigration({ cluster, unhealthy }) : [];
  if (!parsed.ok) throw new SpecRejected([...ofWish(parsed), ...ofCluster]);
  const { spec } = parsed;
  const outdated = await outdatedOf(deps, cluster, asked);
  const changes = changesOf(cluster, spec, outdated);
  const room = await roomFor(deps, cluster, spec);
  const problems = [
    ...ofCluster,
    ...sizeAlone(cluster, spec, changes.length),
    ...room.problems,
    ...(await ofAccount(deps, cluster, spec)),
    ...(await ofQuotas(deps, cluster, { spec, subnets: room.subnets, changes })),
  ];
  if (problems.length > 0) throw new SpecRejected(problems);
  const etcd = answers.find(({ etcdVersion }) => etcdVersion !== undefined)?.etcdVersion;
  const plan = planOfMigration(cluster, { spec, ...room, etcd, outdated, begun: open });
  return { cluster, spec, plan, next: open ? "resume" : changes.length > 0 ? "begin" : "nothing" };
}

function wishOf({ masterZones, masterSize }: MigrationAsked) {
  return { masterZones: [...masterZones], ...(masterSize === undefined ? {} : { masterSize }) };
}

/** What is wrong with what was asked for, by the flags that all other problems have too. */
function ofWish(parsed: ParsedSpec): Problem[] {
  if (parsed.ok) return [];
  return parsed.problems.map((problem) => {
    const field = (["masterZones", "masterSize"] as const).find((name) => name === problem.flag);
    const message = field ? problem.message.replace(`${field}:`, `${flagOfField(field)}:`) : problem.message;
    return { ...problem, message, ...(field && { flag: flagOfField(field) }) };
  });
}

function sameZones(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join() === other.toSorted().join();
}

function refusal(flag: string, value: string, what: string): Problem {
  return { flag, value, message: `${flag}: ${what}` };
}

function sizeAlone({ name, spec: { masterSize } }: ClusterRecord, spec: ClusterSpec, changes: number): Problem[] {
  if (changes > 0 || spec.masterSize === masterSize) return [];
  const command = `holdfast update cluster ${name} --master-size ${spec.masterSize}`;
  return [
    refusal(
      "--master-size",
      spec.masterSize,
      `the masters are in these zones already; \`${command}\` changes their size`,
    ),
  ];
}

async function answersOf(deps: Collaborators, cluster: ClusterRecord) {
  const members = await deps.store.listMembers(cluster.name);
  return await askMembers(deps, deps.env.MEMBER_HEALTH_DOCUMENT, cluster, members, { withinMs: ASK_WITHIN_MS });
}

/** Masters whose instances are of another type than somebody asks for; the leader last, so that it moves once. */
async function outdatedOf(
  deps: Collaborators,
  cluster: ClusterRecord,
  { masterSize }: MigrationAsked,
): Promise<string[]> {
  if (masterSize === undefined) return [];
  const members = settledMembers(await deps.store.listMembers(cluster.name));
  const instances = await deps.aws.findInstances(members.flatMap(({ instanceId }) => instanceId ?? []));
  return members
    .filter(({ instanceId }) => instances.some((each) => each.instanceId === instanceId && each.type !== masterSize))
    .map(({ member }) => member)
    .toSorted((one, other) => Number(one === cluster.leader) - Number(other === cluster.leader));
}

/** Subnets of zones that have none. */
async function roomFor(
  deps: Collaborators,
  cluster: ClusterRecord,
  spec: ClusterSpec,
): Promise<Pick<MigrationWish, "subnets" | "addedBlocks"> & { readonly problems: readonly Problem[] }> {
  const none = { subnets: [], addedBlocks: [] };
  if (!cluster.network) return { ...none, problems: [] };
  const { found, blocks } = await findRoom(deps, cluster, spec.masterZones);
  if (found.ok) return { ...found, problems: [] };
  return { ...none, problems: [refusal("--master-zones", found.zone, explainNoRoom(found, blocks))] };
}

async function ofAccount(deps: Collaborators, cluster: ClusterRecord, spec: ClusterSpec): Promise<readonly Problem[]> {
  try {
    await checkChange(deps, cluster.spec, spec, ["masterZones", "masterSize"]);
    return [];
  } catch (error) {
    if (error instanceof SpecRejected) return error.problems;
    throw error;
  }
}

async function ofQuotas(
  deps: Collaborators,
  cluster: ClusterRecord,
  wish: Parameters<typeof migrationDemands>[1],
): Promise<readonly Problem[]> {
  const { spec } = wish;
  const sizes = [...new Set([cluster.spec.masterSize, spec.masterSize, spec.nodeSize])];
  const vcpus = new Map([...(await deps.aws.listMachines(sizes))].map(([type, machine]) => [type, machine.vcpus]));
  const demands = migrationDemands(cluster, wish, vcpus);
  const { problems } = await checkDemands(deps, demands, { region: spec.region, vcpus, uid: cluster.uid });
  return problems;
}
