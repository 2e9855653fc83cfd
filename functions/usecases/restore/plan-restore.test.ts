import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { MANIFEST } from "../../../test/support/steps/drills.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { run } from "../../../test/support/steps/stage.ts";
import { checkRestore, type planRestoreCalls } from "./plan-restore.ts";

const ENV = { MEMBER_HEALTH_DOCUMENT: "member-health", BACKUP_BUCKET: "backups" };
const aws: Partial<typeof planRestoreCalls> = { volumeStates: async () => new Map(), askHosts: async () => [] };

/** Asks for another source than that of the open restore, which is `status`. */
function askForMemberA(status: "RUNNING" | "FAILED") {
  const operation = status === "RUNNING" ? "restore-1" : null;
  const cluster = clusterRecord({ status: "REPAIRING", operation, restoration: restorationRecord() });
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const store = new MemoryStore(cluster, members, [operationRecord("restore", { status })]);
  const asked = { from: "survivor", member: "a", evenThoughHealthy: false } as const;
  return run((deps) => checkRestore(deps, NAME, asked), { store, aws, env: ENV }, undefined);
}

test("13: while a restore runs, another source learns which operation holds the cluster", async () => {
  await expect(askForMemberA("RUNNING")).rejects.toMatchObject({ name: "ClusterBusy", operation: "restore-1" });
});

test("13: and once it has stopped, which restore is to be continued", async () => {
  await expect(askForMemberA("FAILED")).rejects.toMatchObject({
    name: "RestoreRefused",
    message: "a restore from the best of the members' data has begun and is not complete; request that one again",
  });
});

test("20: of a cluster that was deleted it is said how it begins again from its backup", async () => {
  const store = new MemoryStore(clusterRecord({ status: "DELETED" }));
  const asked = { from: "backup", backup: "latest", evenThoughHealthy: false } as const;
  const ask = () => run((deps) => checkRestore(deps, NAME, asked), { store, aws, env: ENV }, undefined);

  await expect(ask()).rejects.toThrow(`${NAME} was deleted, and there is no verified backup of it`);
  await store.recordBackup(MANIFEST, { lastOkId: MANIFEST.id });
  await expect(ask()).rejects.toThrow(
    `${NAME} was deleted; \`holdfast create cluster ${NAME} --from-backup latest --takeover\` creates it again from its backup`,
  );
});
