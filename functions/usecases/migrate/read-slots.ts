import { findGroups, isUsable } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances } from "../../aws/ec2/compute.ts";
import { volumeStates } from "../../aws/ec2/storage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import type { SlotFacts } from "../../domain/migrate/migration-step.ts";
import { settledMembers } from "../../domain/migrate/settled-members.ts";
import type { VolumeState } from "../../domain/repair/member-assessment.ts";
import { type ListedMember, peerUrlOf, readMaxLearners, readMemberList } from "../../domain/repair/member-list.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type Asking, chooseMaster, hostCommandCalls, runDocument, SHORT_COMMAND_MS } from "../members/host-command.ts";

export const readSlotsCalls = {
  ...hostCommandCalls,
  ...bind(ec2, { findInstances, volumeStates }),
  ...bind(autoScaling, { findGroups }),
};

type Collaborators = Deps<typeof readSlotsCalls, { readonly LIST_MEMBERS_DOCUMENT: string }>;

export interface SlotReading {
  readonly slots: readonly SlotFacts[];
  /** Why etcd's list is not known; undefined if it is. */
  readonly silence: string | undefined;
  /** How many learners etcd allows at once; undefined if nobody said. */
  readonly maxLearners: number | undefined;
}

/** What is known of these slots: records, groups, instances and volumes, and etcd's own list of its members. */
export async function readSlots(
  deps: Collaborators,
  cluster: ClusterRecord,
  slots: readonly string[],
  asking: Asking,
): Promise<SlotReading> {
  const records = await deps.store.listMembers(cluster.name);
  const groupOf = (slot: string) => masterGroupName(ownerOf(cluster), slot);
  const [groups, volumes, list] = await Promise.all([
    deps.aws.findGroups(slots.map(groupOf)),
    deps.aws.volumeStates(records.flatMap(({ volumeId }) => volumeId ?? [])),
    askForList(deps, cluster.name, asking),
  ]);
  const launched = [...groups.values()].flatMap(({ instances }) => instances.map(({ instanceId }) => instanceId));
  const found = await deps.aws.findInstances(launched);
  const running = new Set(found.filter(({ state }) => state === "running").map(({ instanceId }) => instanceId));
  return {
    silence: list.silence,
    maxLearners: list.maxLearners,
    slots: slots.map((slot) =>
      toFacts(slot, {
        record: records.find(({ member }) => member === slot),
        group: groups.get(groupOf(slot)),
        running,
        volumes,
        listed: list.members.find(({ peerUrl }) => peerUrl === peerUrlOf(addressOf(cluster, slot))),
      }),
    ),
  };
}

interface SlotSources {
  readonly record: MemberRecord | undefined;
  readonly group: GroupFacts | undefined;
  readonly running: ReadonlySet<string>;
  readonly volumes: ReadonlyMap<string, VolumeState>;
  readonly listed: ListedMember | undefined;
}

/** In service, or on its way there past the launch hook. */
const SERVES = /^(InService|Pending:Proceed)$/;

function toFacts(slot: string, { record, group, running, volumes, listed }: SlotSources): SlotFacts {
  const instances = (group?.instances ?? []).filter((each) => isUsable(each) && running.has(each.instanceId));
  const own = instances.find(({ instanceId }) => instanceId === record?.instanceId);
  const isAttached =
    own !== undefined && record?.volumeId != null && volumes.get(record.volumeId)?.attachedTo === own.instanceId;
  const hasJoined = record?.migrating !== "joining" || record.usedVolumeId === record.volumeId;
  return {
    slot,
    record: record === undefined ? "none" : (record.migrating ?? "full"),
    prepared: group !== undefined && record?.volumeId != null,
    running: instances.length > 0,
    placed: isAttached && hasJoined && SERVES.test(own.lifecycleState),
    etcd: listed === undefined ? "none" : listed.learner ? "learner" : "voter",
  };
}

/** Etcd lists nobody at an address that no slot has. */
function addressOf({ plan }: ClusterRecord, slot: string): string {
  return plan.members.find(({ name }) => name === slot)?.address ?? "none";
}

async function askForList(deps: Collaborators, cluster: string, asking: Asking) {
  try {
    const records = await deps.store.listMembers(cluster);
    const either = records.flatMap(({ instanceId }) => instanceId ?? []);
    // A single master is being replaced: the former one, or the new one, has the cluster.
    const master =
      settledMembers(records).length === 0 && either.length > 0
        ? (either[Math.floor(Math.random() * either.length)] ?? "")
        : await chooseMaster(deps, cluster, asking.begun, SHORT_COMMAND_MS);
    const output = await runDocument(deps, asking, master, deps.env.LIST_MEMBERS_DOCUMENT);
    return { members: readMemberList(output), maxLearners: readMaxLearners(output), silence: undefined };
  } catch (error) {
    if (!(error instanceof NotReadyYet)) throw error;
    return { members: [], maxLearners: undefined, silence: error.message };
  }
}
