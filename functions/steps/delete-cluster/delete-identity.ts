import { deleteInstanceProfile, deleteRole, listProfiles, listRoles } from "../../aws/iam/removal.ts";
import { deleteParameters, listParameters } from "../../aws/ssm/parameters.ts";
import { mayBeIdentityOf } from "../../domain/cluster/naming.ts";
import { claimantOf, Owned } from "../../domain/ownership/ownership.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { permitEach, removeOwned } from "../../usecases/deletion/permits.ts";

/** Roles, instance profiles and secrets, once no instance uses them. */
const deleteIdentity = async ({ cluster: name }: StepInput): Promise<void> => {
  const claimant = claimantOf(await getCluster(table, name));
  const mayBe = (candidate: string) => mayBeIdentityOf({ uid: claimant.uid }, candidate);
  // Looked up first: the right to touch one hangs on its tags, and what is not there has none.
  const removeIdentity = Promise.all([
    removeOwned("roles", claimant, { find: () => listRoles(mayBe), remove: (role) => deleteRole(role) }),
    removeOwned("profiles", claimant, {
      find: () => listProfiles(mayBe),
      remove: (profile) => deleteInstanceProfile(profile),
    }),
  ]);
  const parameters = await listParameters(claimant);
  const { permitted } = permitEach(parameters, (each) => Owned.decide(claimant, each));
  await Promise.all([removeIdentity, deleteParameters(permitted.map(({ permit }) => permit))]);
};

export const handler = stepHandler("Delete identity", table, StepInputSchema, deleteIdentity);
