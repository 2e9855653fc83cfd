import type { Filter } from "@aws-sdk/client-ec2";
import { ec2 } from "../../aws/ec2/client.ts";
import { type Found, find } from "../../aws/ec2/owned.ts";
import { deleteInterface, deleteVolume } from "../../aws/ec2/removal.ts";
import type { ResourceKind } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { FormerResourcesRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { readOwningCluster } from "../../usecases/deletion/owning-cluster.ts";
import { recordOf } from "../../usecases/members/members.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...recordEventCalls, ...bind(ec2, { deleteVolume, deleteInterface }), find: find(ec2) };

type Collaborators = Deps<typeof calls>;

/**
 * While a zone is out, what an instance there holds may be held for hours; each try is a repair, of which 30 an hour
 * are too many.
 */
const RETRY_MS = 30 * 60_000;

/**
 * Removes the volume and the interface that a member had in a zone that it has moved away from. The others have its
 * data, and etcd knows another member by its name: nothing could use them any more. What is still in use is left for
 * later.
 */
export async function deleteFormerResources(
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepRequest,
): Promise<void> {
  const record = await recordOf(deps, name, member);
  const now = deps.clock.now();
  const all = record.formerResources ?? [];
  const due = all.filter(({ retryAt }) => retryAt <= now.getTime());
  const owningCluster = await readOwningCluster(deps, name);
  const left = await Promise.all(due.map((formerResources) => discard(deps, owningCluster, record, formerResources)));
  const kept = left.filter(({ volumeId, interfaceId }) => volumeId !== null || interfaceId !== null);
  const later = kept.map((formerResources) => ({ ...formerResources, retryAt: now.getTime() + RETRY_MS }));
  const formerResources = [...all.filter((each) => !due.includes(each)), ...later];
  await deps.store.updateMember(name, member, { formerResources });
  const zones = due.map(({ zone }) => zone).join(", ");
  const held = kept.flatMap(({ volumeId, interfaceId }) => [volumeId, interfaceId]).filter((id) => id !== null);
  const event =
    held.length === 0
      ? {
          type: "former-resources-removed",
          message: `The former resources of master ${member} in ${zones} are removed.`,
        }
      : {
          type: "former-resources-kept",
          message: `The former resources of master ${member} in ${zones} are still in use (${held.join(", ")}); they are removed later.`,
        };
  await recordEvent(deps, name, { time: now.toISOString(), ...event, member, operation });
}

/** What of it is still there. */
async function discard(
  deps: Collaborators,
  owningCluster: OwningCluster,
  { volumeId: own, interfaceId: ownInterface }: MemberRecord,
  formerResources: FormerResourcesRecord,
): Promise<FormerResourcesRecord> {
  const { volumeId, interfaceId } = formerResources;
  const [volumes, interfaces] = await Promise.all([
    findById(deps.aws.find.volumes, "volume-id", volumeId, own),
    findById(deps.aws.find.interfaces, "network-interface-id", interfaceId, ownInterface),
  ]);
  const [volumeStays, interfaceStays] = await Promise.all([
    stays(volumes, ({ State = "" }) => State, deps.aws.deleteVolume, owningCluster),
    stays(interfaces, ({ Status = "" }) => Status, deps.aws.deleteInterface, owningCluster),
  ]);
  return {
    ...formerResources,
    volumeId: volumeStays ? volumeId : null,
    interfaceId: interfaceStays ? interfaceId : null,
  };
}

/** Never what the member has now. */
async function findById<F>(
  read: (filter: Filter) => Promise<F[]>,
  Name: string,
  id: string | null,
  current: string | null,
): Promise<F[]> {
  return id === null || id === current ? [] : read({ Name, Values: [id] });
}

const FREE = new Set(["available", "error"]);

/** Is it there, and in use? One that is free is removed. */
async function stays<K extends ResourceKind, Item>(
  found: readonly Found<K, Item>[],
  stateOf: (item: Item) => string,
  remove: (owned: Owned<K>) => Promise<void>,
  owningCluster: OwningCluster,
): Promise<boolean> {
  for (const each of found) {
    const state = stateOf(each.item);
    if (state === "deleting" || state === "deleted") continue;
    if (!FREE.has(state)) return true;
    try {
      await remove(Owned.require<K>(owningCluster, each));
    } catch (error) {
      if (error instanceof NotReadyYet) return true;
      throw error;
    }
  }
  return false;
}

export const handler = stepHandler(
  "Delete former resources",
  MemberStepInput,
  deleteFormerResources,
  collaborators(calls),
);
