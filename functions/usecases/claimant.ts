import { type Claimant, claimantOf } from "../domain/ownership.ts";
import { getCluster, listMembers } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";

/** The cluster as the gate asks about it, with the ids that its record and its members' records know. */
export const readClaimant = async (table: Table, cluster: string): Promise<Claimant> => {
  const [record, members] = await Promise.all([getCluster(table, cluster), listMembers(table, cluster)]);
  return claimantOf(record, members);
};
