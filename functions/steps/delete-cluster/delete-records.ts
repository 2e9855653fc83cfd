import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import { forgetCluster } from "../../store/deletion.ts";

/** Members and instances in the table. The cluster's record, its story and its operations stay. */
const deleteRecords = async ({ cluster: name, operation }: StepInput): Promise<void> => {
  await forgetCluster(table, await getCluster(table, name), operation);
};

export const handler = stepHandler("Delete records", table, StepInputSchema, deleteRecords);
