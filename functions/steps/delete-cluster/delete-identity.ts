import { iam } from "../../aws/iam/client.ts";
import { deleteInstanceProfile, deleteRole, listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { deleteParameters, listParameters } from "../../aws/ssm/parameters.ts";
import { mayBeIdentityOf } from "../../domain/cluster/naming.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { checkOwnership, removeOwned } from "../../usecases/deletion/check-ownership.ts";

const calls = {
  ...bind(iam, { listRoles, deleteRole, listProfiles, deleteInstanceProfile }),
  ...bind(ssm, { listParameters, deleteParameters }),
};

type Collaborators = Deps<typeof calls>;

/** Roles, instance profiles and secrets, once no instance uses them. */
export async function deleteIdentity(deps: Collaborators, { cluster: name }: StepRequest): Promise<void> {
  const owningCluster = owningClusterOf(await deps.store.getCluster(name));
  const mayBe = (candidate: string) => mayBeIdentityOf({ uid: owningCluster.uid }, candidate);
  // Looked up first: the permission to touch one hangs on its tags, and what is not there has none.
  await Promise.all([
    removeOwned(deps, "roles", owningCluster, {
      find: () => deps.aws.listRoles(mayBe),
      remove: (role) => deps.aws.deleteRole(role),
    }),
    removeOwned(deps, "profiles", owningCluster, {
      find: () => deps.aws.listProfiles(mayBe),
      remove: (profile) => deps.aws.deleteInstanceProfile(profile),
    }),
    removeParameters(deps, owningCluster),
  ]);
}

async function removeParameters(deps: Collaborators, owningCluster: OwningCluster): Promise<void> {
  const parameters = await deps.aws.listParameters(owningCluster);
  const { permitted } = checkOwnership(parameters, (each) => Owned.decide(owningCluster, each));
  await deps.aws.deleteParameters(permitted.map(({ owned }) => owned));
}

export const handler = stepHandler("Delete identity", StepInput, deleteIdentity, collaborators(calls));
