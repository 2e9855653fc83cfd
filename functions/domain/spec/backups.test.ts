import { expect, test } from "vitest";
import { specFromDocument, specFromFlags } from "./parse-spec.ts";
import { drillOf, intervalOf, retentionOf } from "./rules/backups.ts";

function parse(...flags: readonly (readonly [string, string])[]) {
  const all = [["NAME", "prod.example.com"], ["--zones", "us-west-2a"], ...flags] as const;
  return specFromFlags(all.map(([flag, value]) => ({ flag, value })));
}

test("without flags a backup is taken each quarter of an hour", () => {
  const parsed = parse();

  expect(parsed.ok && [parsed.spec.backupIntervalMinutes, parsed.spec.backupRetention]).toEqual([undefined, undefined]);
  expect([intervalOf({}), retentionOf({})]).toEqual([15, { allHours: 6, hourlyDays: 7, dailyDays: 90 }]);
});

test.each([
  ["15m", 15],
  ["5", 5],
  ["6h", 360],
  ["1d", 1440],
  ["0", 0],
])("an interval of %s is %i minutes", (text, minutes) => {
  const parsed = parse(["--backup-interval", text]);

  expect(parsed.ok && parsed.spec.backupIntervalMinutes).toBe(minutes);
});

test("a drill is weekly unless it is off, and there is none without backups", () => {
  const parsed = [parse(), parse(["--drill", "off"]), parse(["--drill", "weekly"])];

  expect(parsed.map((each) => each.ok && each.spec.drill)).toEqual([undefined, "off", "weekly"]);
  expect([drillOf({}), drillOf({ drill: "off" }), drillOf({ backupIntervalMinutes: 0 })]).toEqual([
    "weekly",
    "off",
    "off",
  ]);
});

test("a retention is stored as it was typed, without blanks", () => {
  const parsed = parse(["--backup-retention", "12h, 14d, 365d"]);

  expect(parsed.ok && parsed.spec).toMatchObject({ backupRetention: "12h,14d,365d" });
});

test.each([
  ["--drill", "daily"],
  ["--backup-interval", "4m"],
  ["--backup-interval", "25h"],
  ["--backup-interval", "-5"],
  ["--backup-interval", "often"],
  ["--backup-retention", "6h"],
  ["--backup-retention", "6h,7d,5d"],
  ["--backup-retention", "48h,1d,5d"],
  ["--backup-retention", "0h,7d,90d"],
  ["--restore-policy", "backup"],
])("%s %s is refused by its flag", (flag, value) => {
  const parsed = parse([flag, value]);

  expect(parsed.ok ? [] : parsed.problems.map((problem) => [problem.flag, problem.value])).toEqual([[flag, value]]);
});

test("17.6: the restore policy is off unless it is asked for; a document may have it as it is stored", () => {
  const documented = (restorePolicy: object) => {
    const parsed = specFromDocument({ name: "prod.example.com", zones: ["us-west-2a"], ...restorePolicy });
    return parsed.ok ? parsed.spec.restorePolicy : "refused";
  };
  const typed = (policy: string) => {
    const parsed = parse(["--restore-policy", policy]);
    return parsed.ok ? parsed.spec.restorePolicy : "refused";
  };

  expect([typed("survivor"), typed("off"), documented({})]).toEqual([{ quorumLoss: "survivor" }, undefined, undefined]);
  expect(
    [{ quorumLoss: "survivor" }, "survivor", { quorumLoss: "off" }].map((restorePolicy) =>
      documented({ restorePolicy }),
    ),
  ).toEqual([{ quorumLoss: "survivor" }, { quorumLoss: "survivor" }, undefined]);
  expect([{ quorumLoss: "backup" }, {}, true].map((restorePolicy) => documented({ restorePolicy }))).toEqual([
    "refused",
    "refused",
    "refused",
  ]);
});
