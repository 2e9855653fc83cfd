import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, listMembers } from "../../store/clusters.ts";
import { surveyCluster } from "../../usecases/deletion/survey.ts";

/** Looks once more for everything. What a run that was overruled made after it was looked for shows up here. */
const verifyRemoval = async ({ cluster: name }: StepInput): Promise<{ left: number; what: string }> => {
  const [cluster, members] = await Promise.all([getCluster(table, name), listMembers(table, name)]);
  const { removed: found } = await surveyCluster(cluster, members);
  return { left: found.length, what: found.map(({ kind, id }) => `${kind} ${id}`).join(", ") };
};

export const handler = stepHandler("Verify removal", table, StepInputSchema, verifyRemoval);
