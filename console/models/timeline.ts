import { formatDuration } from "../../client/durations.ts";
import type { Operation } from "../data/api.ts";
import type { Mark } from "./cluster.ts";

type Step = Operation["steps"][number];

export const STEP_MARKS: Readonly<Record<Step["status"], Mark>> = {
  DONE: { mark: "✓", word: "done", tone: "good" },
  RUNNING: { mark: "◐", word: "running", tone: "busy" },
  WAITING: { mark: "…", word: "waiting", tone: "busy" },
  FAILED: { mark: "✕", word: "failed", tone: "bad" },
};

export const OPERATION_MARKS: Readonly<Record<Operation["status"], Mark>> = {
  RUNNING: { mark: "◐", word: "Running", tone: "busy" },
  SUCCEEDED: { mark: "✓", word: "Succeeded", tone: "good" },
  FAILED: { mark: "✕", word: "Failed", tone: "bad" },
};

/** One step of one member: a bar from `from` to `to`, in percent of the operation's time. */
export interface Lane {
  readonly key: string;
  readonly name: string;
  readonly member: string | null;
  readonly from: number;
  readonly width: number;
  readonly took: string;
  readonly status: Mark;
  readonly message: string | null;
  /** Is it the first lane of its step? The others repeat no name. */
  readonly isFirst: boolean;
}

const MIN_WIDTH = 0.6;

/** Steps in the order in which they began, those of several members side by side. */
export function lanesOf({ startedAt, finishedAt, steps }: Operation, now: number): Lane[] {
  const begin = Date.parse(startedAt);
  const end = Math.max(finishedAt === null ? now : Date.parse(finishedAt), begin + 1);
  const percent = (time: number) => Math.min(100, Math.max(0, ((time - begin) / (end - begin)) * 100));
  return [...Map.groupBy(steps, ({ name }) => name).values()].flatMap((group) =>
    group
      .toSorted((one, other) => (one.member ?? "").localeCompare(other.member ?? ""))
      .map((step, index) => {
        const from = percent(Date.parse(step.startedAt));
        const until = step.finishedAt === null ? end : Date.parse(step.finishedAt);
        return {
          key: `${step.name}/${step.member}/${step.startedAt}`,
          name: step.name,
          member: step.member,
          from: Math.min(from, 100 - MIN_WIDTH),
          width: Math.max(MIN_WIDTH, percent(until) - from),
          took: formatDuration(until - Date.parse(step.startedAt)),
          status: STEP_MARKS[step.status],
          message: step.message,
          isFirst: index === 0,
        };
      }),
  );
}

/** What it waits for now, and since when. */
export function waitingFor({ status, steps }: Operation, now: number): string | null {
  if (status !== "RUNNING") return null;
  const step = steps.findLast(({ finishedAt }) => finishedAt === null);
  if (!step) return null;
  const whose = step.member === null ? "" : ` (${step.member})`;
  const since = formatDuration(now - Date.parse(step.startedAt));
  return `${step.name}${whose}, for ${since}${step.message === null ? "" : `: ${step.message}`}`;
}

export function tookText({ startedAt, finishedAt }: Operation, now: number): string {
  return formatDuration((finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(startedAt));
}

export const KIND_WORDS: Readonly<Record<Operation["kind"], string>> = {
  create: "Creation",
  repair: "Repair",
  scale: "Scaling",
  update: "Update",
  restore: "Restore",
  migrate: "Migration",
  delete: "Deletion",
  backup: "Backup",
  drill: "Drill",
};
