import type { DrillSchedule } from "../../backup/drill-schedule.ts";
import type { Retention } from "../../backup/retention.ts";
import { FIELDS } from "../field-table.ts";
import type { SpecFields } from "../fields.ts";
import type { ClusterSpec } from "../spec.ts";
import { BackupRetention, Drill, GivenRestorePolicy } from "../value-schemas.ts";
import { type Findings, type Given, quote, readText, refuse } from "../values.ts";

/** A shorter interval would begin before the former backup has ended. */
const MIN_MINUTES = 5;
const { max: MAX_MINUTES } = FIELDS.backupIntervalMinutes.bounds;
const UNIT_MINUTES: Readonly<Record<string, number>> = { "": 1, m: 1, h: 60, d: 1440 };

/** How often backups are taken, how long they are kept, and what is restored without being asked for. */
export function readBackups(fields: SpecFields, findings: Findings) {
  const backupIntervalMinutes = readInterval(fields.backupIntervalMinutes, findings);
  const backupRetention = readRetention(fields.backupRetention, findings);
  const drill = readDrill(fields.drill, findings);
  const restorePolicy = readRestorePolicy(fields.restorePolicy, findings);
  return {
    ...(backupIntervalMinutes === undefined ? {} : { backupIntervalMinutes }),
    ...(backupRetention === undefined ? {} : { backupRetention }),
    ...(drill === undefined ? {} : { drill }),
    ...(restorePolicy === undefined ? {} : { restorePolicy }),
  };
}

function readInterval(given: Given | undefined, findings: Findings): number | undefined {
  const text = typeof given?.value === "number" ? String(given.value) : readText(given, findings);
  if (!given || text === undefined) return undefined;
  const [, amount, unit = ""] = /^(\d{1,6})([mhd]?)$/.exec(text) ?? [];
  const minutes = Number(amount ?? Number.NaN) * (UNIT_MINUTES[unit] ?? 1);
  if (minutes === 0 || (minutes >= MIN_MINUTES && minutes <= MAX_MINUTES)) return minutes;
  return refuse(findings, given, `${quote(given.value)} is not an interval; expected 0, or a time of 5m to 24h`);
}

function readRetention(given: Given | undefined, findings: Findings): string | undefined {
  const text = readText(given, findings)?.replaceAll(" ", "");
  if (!given || text === undefined) return undefined;
  const { allHours, hourlyDays, dailyDays } = retentionOf({ backupRetention: text });
  const isInOrder = allHours >= 1 && allHours <= hourlyDays * 24 && hourlyDays <= dailyDays;
  if (BackupRetention.safeParse(text).success && isInOrder) return text;
  return refuse(
    findings,
    given,
    `${quote(text)} is not a retention; expected three times, none shorter than the one before, such as 6h,7d,90d`,
  );
}

function readDrill(given: Given | undefined, findings: Findings): DrillSchedule | undefined {
  const text = readText(given, findings)?.trim();
  if (!given || text === undefined) return undefined;
  const drill = Drill.safeParse(text);
  return drill.success ? drill.data : refuse(findings, given, `${quote(text)} is not known; expected weekly or off`);
}

/** Off is not stored. */
function readRestorePolicy(given: Given | undefined, findings: Findings): ClusterSpec["restorePolicy"] {
  if (!given) return undefined;
  const policy = GivenRestorePolicy.safeParse(given.value).data;
  if (policy === undefined)
    return refuse(findings, given, `${quote(given.value)} is not a restore policy; expected survivor or off`);
  const quorumLoss = typeof policy === "string" ? policy : policy.quorumLoss;
  return quorumLoss === "survivor" ? { quorumLoss } : undefined;
}

type BackupFields = Pick<ClusterSpec, "backupIntervalMinutes" | "backupRetention" | "drill">;

/** What is in force: defaults filled in. */
export function intervalOf({ backupIntervalMinutes }: Pick<BackupFields, "backupIntervalMinutes">): number {
  return backupIntervalMinutes ?? FIELDS.backupIntervalMinutes.default;
}

/** Without backups there is nothing to try. */
export function drillOf({ drill, ...spec }: Pick<BackupFields, "drill" | "backupIntervalMinutes">): DrillSchedule {
  return intervalOf(spec) === 0 ? "off" : (drill ?? FIELDS.drill.default);
}

export function retentionOf({ backupRetention }: Pick<BackupFields, "backupRetention">): Retention {
  const [allHours = 0, hourlyDays = 0, dailyDays = 0] = (backupRetention ?? FIELDS.backupRetention.default)
    .split(",")
    .map((time) => Number.parseInt(time, 10));
  return { allHours, hourlyDays, dailyDays };
}
