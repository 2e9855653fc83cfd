import { effectOfBackupInterval, effectOfDrill } from "./change-effects.ts";
import { BackupRetention, Drill, GivenRestorePolicy, RestorePolicy, whole } from "./value-schemas.ts";

/** Five minutes to a day; 0 is off. */
const BACKUP_MINUTES = { min: 0, max: 1440 };

/** Rows of the table of fields (field-table.ts) that are about backups. */
export const BACKUP_FIELDS = {
  backupIntervalMinutes: {
    schema: whole(BACKUP_MINUTES).optional(),
    bounds: BACKUP_MINUTES,
    about: "Minutes from one backup of etcd to the next, 5 to 1440; 0 takes none. 15 if absent.",
    flags: ["--backup-interval"],
    help: ["<time>", "from one backup of etcd to the next, such as 15m or 6h; 0 takes none"],
    default: 15,
    effect: effectOfBackupInterval,
  },
  backupRetention: {
    schema: BackupRetention.optional(),
    about: "For how long all backups are kept, then one an hour, then one a day; 6h,7d,90d if absent.",
    flags: ["--backup-retention"],
    help: ["<times>", "how long all backups are kept, then one an hour, then one a day"],
    default: "6h,7d,90d",
    effect: () => "after the next backup",
  },
  drill: {
    schema: Drill.optional(),
    about: "How often a backup is restored on a host of its own, to prove it: `weekly`, or `off`. `weekly` if absent.",
    flags: ["--drill"],
    help: ["<when>", "restore a backup on a host of its own to prove it: weekly or off"],
    default: "weekly",
    effect: effectOfDrill,
  },
  /** Only from a survivor: a backup is older, so a person chooses it. */
  restorePolicy: {
    schema: RestorePolicy.optional(),
    document: GivenRestorePolicy,
    about:
      "`{quorumLoss: survivor}` restores by itself from the member that is left, ten minutes after a majority's volumes are gone; absent: off.",
    flags: ["--restore-policy"],
    help: ["<policy>", "survivor or off: restore by itself from the member left, once a majority's volumes are gone"],
    without: "off",
    effect: () => "with the next loss of a majority's volumes",
  },
} as const;
