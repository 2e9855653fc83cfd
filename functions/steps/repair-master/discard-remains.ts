import type { Filter } from "@aws-sdk/client-ec2";
import { ec2 } from "../../aws/ec2/client.ts";
import { type Found, find } from "../../aws/ec2/owned.ts";
import { deleteInterface, deleteVolume } from "../../aws/ec2/removal.ts";
import type { ResourceKind } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { MemberRecord, RemainsRecord } from "../../domain/cluster/records.ts";
import { type Claimant, Owned } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { MemberStepInput, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
import { readClaimant } from "../../usecases/deletion/claimant.ts";
import { recordOf } from "../../usecases/members/members.ts";
import { storyCalls, tellEvent } from "../../usecases/operations/story.ts";

const calls = { ...storyCalls, ...bind(ec2, { deleteVolume, deleteInterface }), find: find(ec2) };

type Collaborators = Deps<typeof calls>;

/** While a zone is out, what an instance there holds may be held for hours; each try is a repair, of which 30 an hour are too many. */
const RETRY_MS = 30 * 60_000;

/**
 * Removes the volume and the interface that a member had in a zone that it has moved away from. The others have its data,
 * and etcd knows another member by its name: nothing could use them any more. What is still in use is left for later.
 */
export const discardRemains = async (
  deps: Collaborators,
  { cluster: name, operation, member }: MemberStepInput,
): Promise<void> => {
  const record = await recordOf(deps, name, member);
  const now = deps.clock.now();
  const all = record.remains ?? [];
  const due = all.filter(({ retryAt }) => retryAt <= now.getTime());
  const claimant = await readClaimant(deps, name);
  const left = await Promise.all(due.map((remains) => discard(deps, claimant, record, remains)));
  const kept = left.filter(({ volumeId, interfaceId }) => volumeId !== null || interfaceId !== null);
  const later = kept.map((remains) => ({ ...remains, retryAt: now.getTime() + RETRY_MS }));
  const remains = [...all.filter((each) => !due.includes(each)), ...later];
  await deps.store.updateMember(name, member, { remains });
  const zones = due.map(({ zone }) => zone).join(", ");
  const held = kept.flatMap(({ volumeId, interfaceId }) => [volumeId, interfaceId]).filter((id) => id !== null);
  const told =
    held.length === 0
      ? { type: "remains-removed", message: `What master ${member} had in ${zones} is removed.` }
      : {
          type: "remains-kept",
          message: `What master ${member} had in ${zones} is still in use (${held.join(", ")}); it is removed later.`,
        };
  await tellEvent(deps, name, { time: now.toISOString(), ...told, member, operation });
};

/** What of it is still there. */
const discard = async (
  deps: Collaborators,
  claimant: Claimant,
  { volumeId: own, interfaceId: ownInterface }: MemberRecord,
  remains: RemainsRecord,
): Promise<RemainsRecord> => {
  const { volumeId, interfaceId } = remains;
  const [volumes, interfaces] = await Promise.all([
    findById(deps.aws.find.volumes, "volume-id", volumeId, own),
    findById(deps.aws.find.interfaces, "network-interface-id", interfaceId, ownInterface),
  ]);
  const [volumeStays, interfaceStays] = await Promise.all([
    stays(volumes, ({ State = "" }) => State, deps.aws.deleteVolume, claimant),
    stays(interfaces, ({ Status = "" }) => Status, deps.aws.deleteInterface, claimant),
  ]);
  return {
    ...remains,
    volumeId: volumeStays ? volumeId : null,
    interfaceId: interfaceStays ? interfaceId : null,
  };
};

/** Never what the member has now. */
const findById = async <F>(
  read: (filter: Filter) => Promise<F[]>,
  Name: string,
  id: string | null,
  current: string | null,
): Promise<F[]> => (id === null || id === current ? [] : read({ Name, Values: [id] }));

const FREE = new Set(["available", "error"]);

/** Is it there, and in use? One that is free is removed. */
const stays = async <K extends ResourceKind, Item>(
  found: readonly Found<K, Item>[],
  stateOf: (item: Item) => string,
  remove: (permit: Owned<K>) => Promise<void>,
  claimant: Claimant,
): Promise<boolean> => {
  for (const each of found) {
    const state = stateOf(each.item);
    if (state === "deleting" || state === "deleted") continue;
    if (!FREE.has(state)) return true;
    try {
      await remove(Owned.require<K>(claimant, each));
    } catch (error) {
      if (error instanceof NotReadyYet) return true;
      throw error;
    }
  }
  return false;
};

export const handler = stepHandler("Discard remains", MemberStepInput, discardRemains, () => ({
  ...system,
  aws: calls,
}));
