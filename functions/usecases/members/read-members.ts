import { isUsable, listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import { volumeStates } from "../../aws/ec2/storage.ts";
import { masterGroupName, TAG } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, openMoveOf, ownerOf } from "../../domain/cluster/records.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import {
  type AwsFacts,
  askable,
  assessMembers,
  isInDoubt,
  runs,
  someCanBePlaced,
  type VolumeState,
} from "../../domain/repair/member-assessment.ts";
import type { MemberFacts } from "../../domain/repair/member-facts.ts";
import { silent } from "../../domain/repair/member-report.ts";
import type { MemberAnswer } from "../../domain/repair/quorum.ts";
import { evaluateMove } from "../../domain/repair/zone-move.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { askMembers, observeCalls } from "./observe.ts";

export const readMembersCalls = {
  ...observeCalls,
  ...bind(ec2, { findInstances, volumeStates }),
  ...bind(autoScaling, { listGroupInstances }),
};

type Collaborators = Deps<typeof readMembersCalls>;

/**
 * Pause before a member in doubt is queried again: longer than a garbage collection, an election or a lagging read.
 */
const SECOND_LOOK_MS = 3_000;
const TRIES = 2;

const ASKING = { withinMs: 8_000 };

/** What was read, and whether that is all that is known: etcd was asked. */
export interface Reading {
  readonly facts: readonly MemberFacts[];
  readonly asked: boolean;
}

/**
 * Everything that a repair decides by, read now: instances and volumes from EC2, health from each member's own etcd.
 * What would lead to harm (a volume that is not there, an etcd that does not answer) is believed only at the second
 * look. Where a member only needs an instance for what it has, that comes first whatever etcd says (planRepair), and
 * etcd is not asked. `seen` are the members' volumes, if the caller has just read them: the first look uses those.
 */
export async function readMembers(
  deps: Collaborators,
  cluster: ClusterRecord,
  document: string,
  seen?: ReadonlyMap<string, VolumeState>,
): Promise<Reading> {
  const now = () => deps.clock.now().getTime();
  const first = await readAwsFacts(deps, cluster, seen);
  if (someCanBePlaced(first)) return { facts: assessMembers(first, first.members.map(asSilent), now()), asked: false };
  let facts = assessMembers(first, await askMembers(deps, document, cluster, askable(first), ASKING), now());
  for (let tried = 1; tried < TRIES && facts.some(isInDoubt); tried++) {
    await deps.clock.sleep(SECOND_LOOK_MS);
    const again = await readAwsFacts(deps, cluster);
    facts = assessMembers(again, await askMembers(deps, document, cluster, askable(again), ASKING), now());
  }
  return { facts, asked: true };
}

function asSilent({ member }: MemberRecord): MemberAnswer {
  return silent(member);
}

async function readAwsFacts(
  deps: Collaborators,
  cluster: ClusterRecord,
  seen?: ReadonlyMap<string, VolumeState>,
): Promise<AwsFacts> {
  const members = settledMembers(await deps.store.listMembers(cluster.name));
  const present = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null);
  const named = members.map((member) => ({ ...member, uid: cluster.uid }));
  const [instances, volumes, heartbeats] = await Promise.all([
    deps.aws.findInstances(present(members.map(({ instanceId }) => instanceId))),
    seen ?? deps.aws.volumeStates(present(members.map(({ volumeId }) => volumeId))),
    deps.store.readHeartbeats(named),
  ]);
  const running = new Set(instances.filter(({ state }) => isRunning(state)).map(({ instanceId }) => instanceId));
  const [homes, strangers] = await Promise.all([
    findHomes(deps, { cluster, members }, (member) => !runs(running, member)),
    findStrangers(deps, cluster, members, volumes),
  ]);
  return { members, running, volumes, strangers, heartbeats, homes };
}

const ENDING = new Set(["shutting-down", "terminated"]);

/** A former master, too, is the cluster's: it lets go of its volume as it ends. */
async function findStrangers(
  deps: Collaborators,
  { uid }: ClusterRecord,
  members: readonly MemberRecord[],
  volumes: ReadonlyMap<string, VolumeState>,
): Promise<Set<string>> {
  const own = new Set(members.map(({ instanceId }) => instanceId));
  const holders = [...volumes.values()].flatMap(({ attachedTo }) => attachedTo ?? []);
  const found = await deps.aws.findInstances(holders.filter((holder) => !own.has(holder)));
  const live = found.filter(({ state, tags }) => !ENDING.has(state) && tags[TAG.uid] !== uid);
  return new Set(live.map(({ instanceId }) => instanceId));
}

/**
 * Where members without an instance may move, or were to move when that was decided. One whose group has launched an
 * instance after all has no reason to.
 */
async function findHomes(
  deps: Collaborators,
  { cluster, members }: { readonly cluster: ClusterRecord; readonly members: readonly MemberRecord[] },
  isGone: (member: MemberRecord) => boolean,
): Promise<Map<string, Pick<MemberFacts, "moveTo" | "moving">>> {
  const homes = new Map<string, Pick<MemberFacts, "moveTo" | "moving">>();
  for (const record of members.filter(isGone)) {
    const { member } = record;
    const open = openMoveOf(record);
    if (open) homes.set(member, { moveTo: open.move.to, moving: true });
    const moveResult = evaluateMove(cluster, members, member, deps.clock.now().getTime());
    if (open || moveResult.kind !== "move") continue;
    const group = masterGroupName(ownerOf(cluster), member);
    const launched = (await deps.aws.listGroupInstances([group])).get(group)?.some(isUsable);
    if (launched !== true) homes.set(member, { moveTo: moveResult.zone });
  }
  return homes;
}
