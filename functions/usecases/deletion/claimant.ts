import { type Claimant, claimantOf } from "../../domain/ownership/ownership.ts";
import { getCluster, listMembers } from "../../store/clusters.ts";
import type { Table } from "../../store/keys.ts";

/** The cluster as the gate asks about it, with the ids that its record and its members' records know. */
export const readClaimant = async (table: Table, cluster: string): Promise<Claimant> => {
  const [record, members] = await Promise.all([getCluster(table, cluster), listMembers(table, cluster)]);
  return claimantOf(record, members);
};
