import type { Deps } from "../../runtime/collaborators.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { system } from "../../runtime/system.ts";
import { surveyCalls, surveyCluster } from "../../usecases/deletion/survey.ts";

const calls = { ...surveyCalls };

type Collaborators = Deps<typeof calls>;

/** Looks once more for everything. What a run that was overruled made after it was looked for shows up here. */
export const verifyRemoval = async (
  deps: Collaborators,
  { cluster: name }: StepInput,
): Promise<{ left: number; what: string }> => {
  const [cluster, members] = await Promise.all([deps.store.getCluster(name), deps.store.listMembers(name)]);
  const { removed: found } = await surveyCluster(deps, cluster, members);
  return { left: found.length, what: found.map(({ kind, id }) => `${kind} ${id}`).join(", ") };
};

export const handler = stepHandler("Verify removal", StepInputSchema, verifyRemoval, () => ({ ...system, aws: calls }));
