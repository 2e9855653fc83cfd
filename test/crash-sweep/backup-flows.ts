import { type Flow, isWhole } from "./flow.ts";

const backup: Flow = {
  name: "backup",
  beginsWith: "any cluster",
  subjects: async (_world, cluster) => [cluster],
  async begin(world, cluster) {
    const before = (await world.cluster(cluster))?.backup?.lastOkId ?? null;
    await world.request("POST", `/clusters/${cluster}/backup`);
    return (state) => isWhole(state) && (state.record?.backup?.lastOkId ?? null) !== before;
  },
};

export const BACKUP_FLOWS: readonly Flow[] = [backup];
