import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { deleteGroup, findOwnGroups } from "../../aws/auto-scaling/removal.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import {
  deleteInterface,
  deleteLaunchTemplate,
  deleteVolume,
  releaseAddress,
  terminateInstance,
} from "../../aws/ec2/removal.ts";
import { ensureKeptSnapshot, requireSnapshot } from "../../aws/ec2/snapshots.ts";
import { iam } from "../../aws/iam/client.ts";
import { deleteInstanceProfile, deleteRole, listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { deleteParameters, listParameters } from "../../aws/ssm/parameters.ts";
import {
  masterGroupName,
  masterRoleName,
  masterTemplateName,
  type Owner,
  parameterName,
  TAG,
} from "../../domain/cluster/naming.ts";
import { type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkOwnership, removeOwned } from "../deletion/check-ownership.ts";
import { readOwningCluster } from "../deletion/owning-cluster.ts";

export const removeSlotCalls = {
  ...bind(ec2, {
    terminateInstance,
    deleteLaunchTemplate,
    deleteVolume,
    deleteInterface,
    releaseAddress,
    ensureKeptSnapshot,
    requireSnapshot,
  }),
  find: find(ec2),
  ...bind(autoScaling, { findOwnGroups, deleteGroup }),
  ...bind(iam, { listRoles, deleteRole, listProfiles, deleteInstanceProfile }),
  ...bind(ssm, { listParameters, deleteParameters }),
};

type Collaborators = Deps<typeof removeSlotCalls>;

/** For how long the data of a removed slot is of use. */
const KEPT_DAYS = 7;

/** Ends a slot's instances, its group first, so that nothing is launched again. Throws NotReadyYet until they are gone. */
export async function endSlot(deps: Collaborators, cluster: string, member: string): Promise<void> {
  const owner = ownerOf(await deps.store.getCluster(cluster));
  const owningCluster = await readOwningCluster(deps, cluster);
  const group = masterGroupName(owner, member);
  await removeOwned(deps, "group", owningCluster, {
    find: async () =>
      (await deps.aws.findOwnGroups({ key: TAG.resource, value: `group/master-${member}` }, [group])).filter(
        ({ id }) => id === group,
      ),
    remove: async (owned, { isGoing }) => (isGoing ? undefined : deps.aws.deleteGroup(owned)),
  });
  await removeOwned(deps, "instances", owningCluster, {
    find: () => deps.aws.find.instances(...ofMember(owner, member)),
    remove: (instance) => deps.aws.terminateInstance(instance),
  });
}

/**
 * Removes all that a slot had, once its instances have ended: data (as a snapshot that stays, or not at all), interface,
 * template, identity and secrets. Throws NotReadyYet until all of it is gone.
 */
export async function removeSlot(
  deps: Collaborators,
  cluster: string,
  member: string,
  { keepsData }: { readonly keepsData: boolean },
): Promise<void> {
  const owner = ownerOf(await deps.store.getCluster(cluster));
  const owningCluster = await readOwningCluster(deps, cluster);
  const record = (await deps.store.listMembers(cluster)).find((each) => each.member === member);
  if (keepsData && record) await keepData(deps, owner, record);
  await removeStorage(deps, owningCluster, owner, member);
  await removeIdentity(deps, owningCluster, owner, member);
}

/** The plan first: a slot that is on record only is removed again. Their letters are not used again. */
export async function forgetSlots(
  deps: Deps,
  { cluster: name, operation }: { readonly cluster: string; readonly operation: string },
  slots: readonly string[],
): Promise<void> {
  const { plan, retiredSlots = [] } = await deps.store.getCluster(name);
  const change = {
    plan: { ...plan, members: plan.members.filter((each) => !slots.includes(each.name)) },
    retiredSlots: [...new Set([...retiredSlots, ...slots])],
  };
  const now = deps.clock.now();
  await deps.store.updateCluster(name, operation, change, now);
  for (const slot of slots) await deps.store.forgetMember(name, slot, now);
}

function ofMember(owner: Owner, member: string) {
  return [byTag({ key: TAG.uid, value: owner.uid }), byTag({ key: TAG.member, value: member })];
}

async function keepData(deps: Collaborators, owner: Owner, { member, volumeId }: MemberRecord): Promise<void> {
  if (volumeId === null) return;
  const { find } = deps.aws;
  // A former run has kept it, and the volume is gone.
  const volumes = await find.volumes(...ofMember(owner, member));
  if (!volumes.some(({ id, item }) => id === volumeId && item.State !== "deleting")) return;
  const kept = { member, volumeId, name: "removed", why: "before its slot was removed", days: KEPT_DAYS };
  await deps.aws.requireSnapshot(await deps.aws.ensureKeptSnapshot(owner, kept, deps.clock.now()));
}

async function removeStorage(deps: Collaborators, owningCluster: OwningCluster, owner: Owner, member: string) {
  const { find } = deps.aws;
  const own = ofMember(owner, member);
  await Promise.all([
    removeOwned(deps, "volumes", owningCluster, {
      find: () => find.volumes(...own),
      remove: async (volume, { item }) => (item.State === "deleting" ? undefined : deps.aws.deleteVolume(volume)),
    }),
    removeOwned(deps, "interfaces", owningCluster, {
      find: () => find.interfaces(...own),
      remove: (networkInterface) => deps.aws.deleteInterface(networkInterface),
    }),
    removeOwned(deps, "launch template", owningCluster, {
      find: async () =>
        (await find.launchTemplates(byTag({ key: TAG.uid, value: owner.uid }))).filter(
          ({ item }) => item.LaunchTemplateName === masterTemplateName(owner, member),
        ),
      remove: (template) => deps.aws.deleteLaunchTemplate(template),
    }),
  ]);
  await removeOwned(deps, "addresses", owningCluster, {
    find: () => find.addresses(...own),
    remove: (address) => deps.aws.releaseAddress(address),
  });
}

async function removeIdentity(deps: Collaborators, owningCluster: OwningCluster, owner: Owner, member: string) {
  const isOwn = (name: string) => name === masterRoleName(owner, member);
  const names = [parameterName.member(owner, member), parameterName.volume(owner, member)];
  const parameters = (await deps.aws.listParameters(owningCluster)).filter(({ id }) => names.includes(id));
  const { permitted } = checkOwnership(parameters, (each) => Owned.decide(owningCluster, each));
  await deps.aws.deleteParameters(permitted.map(({ owned }) => owned));
  await Promise.all([
    removeOwned(deps, "profile", owningCluster, {
      find: () => deps.aws.listProfiles(isOwn),
      remove: (profile) => deps.aws.deleteInstanceProfile(profile),
    }),
    removeOwned(deps, "role", owningCluster, {
      find: () => deps.aws.listRoles(isOwn),
      remove: (role) => deps.aws.deleteRole(role),
    }),
  ]);
}
