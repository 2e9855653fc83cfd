import { expect, test } from "vitest";
import { parseSchedule } from "./schedules.ts";

const START = "2026-11-22T07:00:30.000Z";

const CASES: readonly [expression: string, after: string, next: string][] = [
  ["rate(1 minute)", "2026-11-22T07:00:30.000Z", "2026-11-22T07:01:30.000Z"],
  ["rate(5 minutes)", "2026-11-22T07:11:00.000Z", "2026-11-22T07:15:30.000Z"],
  ["rate(1 day)", "2026-11-22T08:00:00.000Z", "2026-11-23T07:00:30.000Z"],
  ["cron(0 10 * * ? *)", "2026-11-22T09:59:00.000Z", "2026-11-22T10:00:00.000Z"],
  ["cron(0 10 * * ? *)", "2026-11-22T10:00:00.000Z", "2026-11-23T10:00:00.000Z"],
  ["cron(0/15 8-9 ? * MON-FRI *)", "2026-11-22T07:00:00.000Z", "2026-11-23T08:00:00.000Z"],
  ["cron(30 6 1,15 * ? *)", "2026-11-22T07:00:00.000Z", "2026-12-01T06:30:00.000Z"],
  ["cron(0 0 L * ? *)", "2026-02-01T00:00:00.000Z", "2026-02-28T00:00:00.000Z"],
  ["cron(0 0 ? * 6L *)", "2026-11-01T00:00:00.000Z", "2026-11-27T00:00:00.000Z"],
  ["cron(0 0 ? * TUE#2 *)", "2026-11-01T00:00:00.000Z", "2026-11-10T00:00:00.000Z"],
  ["cron(0 0 29 FEB ? *)", "2026-03-01T00:00:00.000Z", "2028-02-29T00:00:00.000Z"],
];

test.each(CASES)("%s after %s fires at %s", (expression, after, next) => {
  const fires = parseSchedule(expression, Date.parse(START))(Date.parse(after));

  expect(fires && new Date(fires).toISOString()).toBe(next);
});

test("a schedule whose years are past never fires again", () => {
  expect(parseSchedule("cron(0 0 1 1 ? 2020)", Date.parse(START))(Date.parse(START))).toBeUndefined();
});

test.each([
  "rate(0 minutes)",
  "rate(1 minutes)",
  "rate(2 minute)",
  "rate(5 seconds)",
  "cron(0 10 * * * *)",
  "cron(99 * * * ? *)",
  "cron(* * * *)",
  "5 minutes",
])("%s is refused", (expression) => {
  expect(() => parseSchedule(expression, 0)).toThrow("Parameter ScheduleExpression is not valid.");
});
