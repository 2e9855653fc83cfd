import * as z from "zod";
import { BackupId } from "../backup/manifest.ts";
import { ClusterName, MemberName } from "../spec/value-schemas.ts";

const EvenThoughHealthy = z
  .boolean()
  .default(false)
  .describe("Go back in time although a majority of the members, or of their volumes, is there.");
const RestartAll = z
  .boolean()
  .default(false)
  .describe("Also restart the workloads of all other namespaces: their caches are of before the restore.");

/** What a cluster is restored from. */
export const RestoreBody = z.discriminatedUnion("from", [
  z.strictObject({
    from: z.literal("backup"),
    backup: z
      .union([z.literal("latest"), BackupId])
      .describe("Id of the backup, or `latest` for the newest verified one."),
    evenThoughHealthy: EvenThoughHealthy,
    restartAll: RestartAll,
  }),
  z.strictObject({
    from: z.literal("survivor"),
    member: MemberName.optional().describe("The member whose data is restored; without it the one that is furthest."),
    evenThoughHealthy: EvenThoughHealthy,
    restartAll: RestartAll,
  }),
]);

/** The backup that a new cluster begins with. */
export const FromBackup = z.strictObject({
  cluster: ClusterName.optional().describe(
    "Name of the cluster that it was taken of; the new cluster's own if absent.",
  ),
  backup: z
    .union([z.literal("latest"), BackupId])
    .describe("Id of the backup, or `latest` for the newest verified one."),
  mode: z
    .enum(["takeover", "copy"])
    .optional()
    .describe(
      "`takeover`: the source is permanently gone, and its authorities, tokens and kubeconfigs are those of the new cluster. `copy` is not built yet. It must be given: neither is guessed.",
    ),
});
export type FromBackup = z.output<typeof FromBackup>;

/** Which backup a drill restores on a host of its own. */
export const DrillBody = z.strictObject({
  backup: z
    .union([z.literal("latest"), BackupId])
    .optional()
    .describe("The backup to try, or `latest` as for a restore; the newest of the present data if absent."),
  level: z.literal("data").optional().describe("How much is proven: `data` restores etcd and reads every key."),
});
