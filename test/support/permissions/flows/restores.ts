import { randomUUID } from "node:crypto";
import * as z from "zod";
import { BackupViewSchema } from "../../../../functions/domain/api/views.ts";
import { findCluster } from "../../../../functions/store/clusters.ts";
import { updateMember } from "../../../../functions/store/members.ts";
import { SimulatedDriver } from "../../../../local/hosts/simulated/driver.ts";
import type { Account } from "../account.ts";
import { expectStatus, memberOf, type PermissionsFlow, remove, ZONES } from "./flow.ts";

const NAME = "restored.example.com";
/** It begins with what the first one has left. */
const TAKER = "taker.example.com";
const LATEST = { from: "backup", backup: "latest", evenThoughHealthy: true };

async function newestBackup(account: Account) {
  const { body } = await account.ask("GET", `/clusters/${NAME}/backups`);
  return z.object({ items: z.array(BackupViewSchema) }).parse(body).items[0];
}

/** As the command line does: on a busy machine the function may not answer in API Gateway's 30 seconds. */
async function post(account: Account, path: string, body: object, status: number): Promise<void> {
  const headers = { "idempotency-key": randomUUID() };
  for (let attempt = 1; ; attempt++) {
    const answer = await account.ask("POST", path, body, headers);
    if (answer.status < 500 || attempt === 4) return expectStatus(Promise.resolve(answer), status);
  }
}

async function restored(account: Account, body: object): Promise<void> {
  await post(account, `/clusters/${NAME}/restore/plan`, body, 200);
  await post(account, `/clusters/${NAME}/restore`, body, 202);
  await account.untilStatus(NAME, "ACTIVE");
}

function hostsOf({ cloud }: Account): SimulatedDriver {
  if (!(cloud.hosts instanceof SimulatedDriver)) throw new Error("these are no simulated hosts");
  return cloud.hosts;
}

/** A majority's volumes and instances are gone. */
async function loseMajority(account: Account): Promise<void> {
  for (const name of ["b", "c"]) {
    const { instanceId, volumeId } = await memberOf(account, NAME, name);
    await account.fault({ kind: "volume", action: "lose", volumeId });
    await account.fault({ kind: "host", action: "terminate", instanceId });
  }
  await account.untilStatus(NAME, "DEGRADED");
}

/** Backups that are kept, restores from a backup and from a survivor, and a takeover: on a cluster of their own. */
export const RESTORES: readonly PermissionsFlow[] = [
  {
    name: "backup: of a new cluster, kept",
    async run(account) {
      const spec = { name: NAME, zones: ZONES, masterZones: ZONES, nodeCount: 1, backupIntervalMinutes: 0 };
      await post(account, "/clusters", { spec }, 202);
      await account.untilStatus(NAME, "ACTIVE");
      await expectStatus(account.ask("POST", `/clusters/${NAME}/backup`), 202);
      await account.until("a backup", async () => (await newestBackup(account)) !== undefined);
      await account.untilStatus(NAME, "ACTIVE");
      const { id } = (await newestBackup(account)) ?? {};
      for (const pinned of [true, false])
        await expectStatus(account.ask("PATCH", `/clusters/${NAME}/backups/${id}`, { pinned }), 200);
      await expectStatus(account.ask("GET", `/clusters/${NAME}/backups/${id}`), 200);
    },
  },
  {
    name: "restore: of a backup that is not there, then of the latest, in place of an update",
    async run(account) {
      const none = { ...LATEST, backup: "2020-01-01T000000Z-0000" };
      await post(account, `/clusters/${NAME}/restore/plan`, none, 404);
      await expectStatus(account.ask("PATCH", `/clusters/${NAME}`, { spec: { nodeCount: 2 } }), 202);
      await restored(account, LATEST);
    },
  },
  {
    name: "restore: a volume is full, so it is undone",
    async run(account) {
      const { volumeId } = await memberOf(account, NAME, "b");
      hostsOf(account).fillVolume(volumeId, true);
      await post(account, `/clusters/${NAME}/restore`, LATEST, 202);
      await account.untilStatus(NAME, "ACTIVE", "DEGRADED");
      hostsOf(account).fillVolume(volumeId, false);
      account.workflows.start("repairmaster", { cluster: NAME, detectedBy: "reconcile: undone", thorough: true });
      await account.untilStatus(NAME, "ACTIVE");
    },
  },
  {
    name: "restore: a master is silent, so it is terminated",
    async run(account) {
      const { instanceId } = await memberOf(account, NAME, "b");
      await hostsOf(account).signalProgram(instanceId, "amazon-ssm-agent", "SIGSTOP");
      await post(account, `/clusters/${NAME}/restore`, LATEST, 202);
      await account.until("b to be silent", async () => {
        const { restoring } = (await account.members(NAME)).find(({ member }) => member === "b") ?? {};
        if (restoring?.silentSince == null) return false;
        await updateMember(account.table, NAME, "b", {
          restoring: { ...restoring, silentSince: Date.now() - 180_000 },
        });
        return true;
      });
      await account.untilStatus(NAME, "ACTIVE");
    },
  },
  {
    name: "restore: of a survivor, after a majority of volumes was lost",
    async run(account) {
      await loseMajority(account);
      await restored(account, { from: "survivor", evenThoughHealthy: false });
    },
  },
  {
    name: "takeover: refused while the source lives, then of one that is deleted",
    async run(account) {
      const body = { spec: { name: TAKER }, fromBackup: { cluster: NAME, backup: "latest", mode: "takeover" } };
      await post(account, "/plan", body, 409);
      await post(account, "/clusters", body, 409);
      await remove(account, NAME);
      await post(account, "/plan", body, 200);
      await post(account, "/clusters", body, 202);
      await account.untilStatus(TAKER, "ACTIVE");
      if ((await findCluster(account.table, TAKER))?.takenFrom?.cluster !== NAME) throw new Error("nothing was taken");
      await remove(account, TAKER);
    },
  },
];
