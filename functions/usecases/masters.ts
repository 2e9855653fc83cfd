import { NotReadyYet } from "../domain/errors.ts";
import { listMembers } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";

/** The instance of a master whose member was healthy when last asked; the first by name. */
export const anyHealthyMaster = async (table: Table, cluster: string): Promise<string> => {
  const members = await listMembers(table, cluster);
  const master = members.find(({ instanceId, health }) => instanceId !== null && health === "healthy");
  if (!master?.instanceId) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  return master.instanceId;
};
