import { type Flow, fault, type IsDone, isWhole, untilDone } from "./flow.ts";
import type { World } from "./world.ts";

async function takeBackup(world: World, cluster: string): Promise<IsDone> {
  const before = (await world.cluster(cluster))?.backup?.lastOkId ?? null;
  await world.request("POST", `/clusters/${cluster}/backup`);
  return (state) => isWhole(state) && (state.record?.backup?.lastOkId ?? null) !== before;
}

const backup: Flow = {
  name: "backup",
  beginsWith: "any cluster",
  subjects: async (_world, cluster) => [cluster],
  begin: takeBackup,
};

/** All but the backups before and after it: those are a flow of their own. */
const OF_RESTORES = /restore|awaitinstance|attachvolume|awaitmember|completelaunch|forget|verify|completeoperation/;

/** Restored once more, and nothing of the restore is left on record. */
async function restored(world: World, cluster: string, body: object): Promise<IsDone> {
  const epoch = (await world.cluster(cluster))?.epoch ?? 1;
  await world.request("POST", `/clusters/${cluster}/restore`, body);
  return (state) =>
    isWhole(state) &&
    state.record?.epoch === epoch + 1 &&
    state.record.restoration == null &&
    state.members.every(({ restoring }) => restoring == null);
}

const restoreBackup: Flow = {
  name: "restore-backup",
  beginsWith: "any cluster",
  subjects: async (_world, cluster) => [cluster],
  steps: OF_RESTORES,
  async prepare(world, cluster) {
    await untilDone(world, cluster, await takeBackup(world, cluster));
  },
  begin: (world, cluster) => restored(world, cluster, { from: "backup", backup: "latest", evenThoughHealthy: true }),
};

const restoreSurvivor: Flow = {
  name: "restore-survivor",
  beginsWith: "new cluster",
  subjects: async (_world, cluster) => [cluster],
  steps: OF_RESTORES,
  async prepare(world, cluster) {
    for (const { member, volumeId, instanceId } of await world.members(cluster)) {
      if (member === "a") continue;
      await fault(world, { kind: "volume", action: "lose", volumeId });
      await fault(world, { kind: "host", action: "terminate", instanceId });
    }
    await untilDone(world, cluster, ({ record }) => record?.status === "DEGRADED");
  },
  begin: (world, cluster) => restored(world, cluster, { from: "survivor" }),
};

async function runDrill(world: World, cluster: string): Promise<IsDone> {
  const before = (await world.cluster(cluster))?.backup?.lastDrillOkAt ?? null;
  await world.request("POST", `/clusters/${cluster}/drill`, {});
  return (state) => {
    const { lastDrillOkAt = null, lastDrillError = null } = state.record?.backup ?? {};
    return isWhole(state) && lastDrillOkAt !== before && lastDrillError === null;
  };
}

/** A cluster's first drill makes the role and the group of drills. EC2 does not know the role yet, so it is tried often. */
const firstDrill: Flow = {
  name: "drill-first",
  beginsWith: "new cluster",
  firstOnly: true,
  subjects: async (_world, cluster) => [cluster],
  async prepare(world, cluster) {
    await untilDone(world, cluster, await takeBackup(world, cluster));
  },
  begin: runDrill,
};

const nextDrill: Flow = {
  name: "drill-next",
  beginsWith: "any cluster",
  subjects: async (_world, cluster) => [cluster],
  async prepare(world, cluster) {
    await untilDone(world, cluster, await takeBackup(world, cluster));
    await untilDone(world, cluster, await runDrill(world, cluster));
  },
  begin: runDrill,
};

/** A cluster that is deleted begins again with its backup. Steps that any creation has are in that flow. */
const takeover: Flow = {
  name: "takeover",
  beginsWith: "new cluster",
  subjects: async (_world, cluster) => [cluster],
  steps: /createcluster|takeover|issuepki/,
  async prepare(world, cluster) {
    await untilDone(world, cluster, await takeBackup(world, cluster));
    await world.request("DELETE", `/clusters/${cluster}`);
    await untilDone(world, cluster, ({ record }) => record?.status === "DELETED");
  },
  async begin(world, cluster) {
    const fromBackup = { backup: "latest", mode: "takeover" };
    await world.request("POST", "/clusters", { spec: { name: cluster }, fromBackup });
    return (state) => isWhole(state) && state.record?.takenFrom !== undefined && state.record.restoration === null;
  },
};

export const BACKUP_FLOWS: readonly Flow[] = [backup, firstDrill, nextDrill, restoreBackup, restoreSurvivor, takeover];
