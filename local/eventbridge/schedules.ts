import { AwsError } from "../wire/contract.ts";

/** When a schedule fires next, strictly after `after` (epoch milliseconds); undefined when never again. */
export type Schedule = (after: number) => number | undefined;

const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE };
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** Days searched before a cron expression counts as never firing again: leap days are four to eight years apart. */
const HORIZON_DAYS = 8 * 366;

/**
 * `rate(5 minutes)` or `cron(0 10 ? * MON-FRI *)`, in UTC (EB `userguide/eb-scheduled-rule-pattern.html`). A rate counts
 * from `start`. Of cron's specials `W` is not emulated.
 * @throws AwsError `ValidationException`
 */
export function parseSchedule(expression: string, start: number): Schedule {
  const rate = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate) return everyPeriod(rate, start);
  const cron = /^cron\(([^()]*)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (cron?.length !== 6) throw invalid();
  return byCron(cron);
}

function invalid(): AwsError {
  return new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
}

function everyPeriod([, count = "", unit = "", plural]: RegExpExecArray, start: number): Schedule {
  const period = Number(count) * (UNITS[unit] ?? 0);
  // AWS insists on grammar: `rate(1 minute)`, `rate(2 minutes)`.
  if (period === 0 || (Number(count) === 1) !== (plural === "")) throw invalid();
  return (after) => start + (Math.floor((after - start) / period) + 1) * period;
}

function byCron([minutes = "", hours = "", days = "", months = "", weekdays = "", years = ""]: string[]): Schedule {
  if ((days === "?") === (weekdays === "?")) throw invalid();
  const minuteTest = field(minutes, 0, 59);
  const hourTest = field(hours, 0, 23);
  const monthTest = field(months, 1, 12, MONTHS);
  const yearTest = field(years, 1970, 2199);
  const dayTest = weekdays === "?" ? dayOfMonth(days) : dayOfWeek(weekdays);
  const onDay = (date: Date): boolean =>
    yearTest(date.getUTCFullYear()) && monthTest(date.getUTCMonth() + 1) && dayTest(date);
  return (after) => {
    const first = new Date(after);
    for (let day = 0; day < HORIZON_DAYS; day += 1) {
      const midnight = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + day);
      if (!onDay(new Date(midnight))) continue;
      for (let minute = 0; minute < 24 * 60; minute += 1) {
        const time = midnight + minute * MINUTE;
        if (time > after && hourTest(Math.floor(minute / 60)) && minuteTest(minute % 60)) return time;
      }
    }
    return undefined;
  };
}

function dayOfMonth(text: string): (date: Date) => boolean {
  if (text === "L") return (date) => date.getUTCDate() === lastOfMonth(date);
  const test = field(text, 1, 31);
  return (date) => test(date.getUTCDate());
}

function dayOfWeek(text: string): (date: Date) => boolean {
  const special = /^(\w+)(?:#([1-5])|L)$/.exec(text);
  const weekday = special ? field(special[1] ?? "", 1, 7, WEEKDAYS) : field(text, 1, 7, WEEKDAYS);
  const nth = special?.[2];
  return (date) => {
    const dayOfMonth = date.getUTCDate();
    if (!weekday(date.getUTCDay() + 1)) return false;
    if (!special) return true;
    return nth ? Math.ceil(dayOfMonth / 7) === Number(nth) : dayOfMonth + 7 > lastOfMonth(date);
  };
}

function lastOfMonth(date: Date): number {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

/** One field of a cron expression: `*`, values, names, ranges, steps, and lists of these. */
function field(
  text: string,
  lowest: number,
  highest: number,
  names: readonly string[] = [],
): (value: number) => boolean {
  const number = (word: string): number => {
    const named = names.indexOf(word.toUpperCase());
    const value = named >= 0 ? named + lowest : Number(word);
    if (!/^\w+$/.test(word) || !Number.isInteger(value) || value < lowest || value > highest) throw invalid();
    return value;
  };
  const tests = text.split(",").map((part) => {
    const [range = "", step] = part.split("/");
    const [from = "", to] = range.split("-");
    const start = range === "*" ? lowest : number(from);
    const end = range === "*" || (step !== undefined && to === undefined) ? highest : number(to ?? from);
    const every = step === undefined ? 1 : number(step);
    return (value: number) => value >= start && value <= end && (value - start) % every === 0;
  });
  return (value) => tests.some((test) => test(value));
}
