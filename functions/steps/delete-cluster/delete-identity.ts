import { iam } from "../../aws/iam/client.ts";
import { deleteInstanceProfile, deleteRole, listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { deleteParameters, listParameters } from "../../aws/ssm/parameters.ts";
import { mayBeIdentityOf } from "../../domain/cluster/naming.ts";
import { type Claimant, claimantOf, Owned } from "../../domain/ownership/ownership.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
import { permitEach, removeOwned } from "../../usecases/deletion/permits.ts";

const calls = {
  ...bind(iam, { listRoles, deleteRole, listProfiles, deleteInstanceProfile }),
  ...bind(ssm, { listParameters, deleteParameters }),
};

type Collaborators = Deps<typeof calls>;

/** Roles, instance profiles and secrets, once no instance uses them. */
export const deleteIdentity = async (deps: Collaborators, { cluster: name }: StepRequest): Promise<void> => {
  const claimant = claimantOf(await deps.store.getCluster(name));
  const mayBe = (candidate: string) => mayBeIdentityOf({ uid: claimant.uid }, candidate);
  // Looked up first: the permission to touch one hangs on its tags, and what is not there has none.
  await Promise.all([
    removeOwned(deps, "roles", claimant, {
      find: () => deps.aws.listRoles(mayBe),
      remove: (role) => deps.aws.deleteRole(role),
    }),
    removeOwned(deps, "profiles", claimant, {
      find: () => deps.aws.listProfiles(mayBe),
      remove: (profile) => deps.aws.deleteInstanceProfile(profile),
    }),
    removeParameters(deps, claimant),
  ]);
};

const removeParameters = async (deps: Collaborators, claimant: Claimant): Promise<void> => {
  const parameters = await deps.aws.listParameters(claimant);
  const { permitted } = permitEach(parameters, (each) => Owned.decide(claimant, each));
  await deps.aws.deleteParameters(permitted.map(({ permit }) => permit));
};

export const handler = stepHandler("Delete identity", StepInput, deleteIdentity, () => ({
  ...system,
  aws: calls,
}));
