import { CHECKS, checksOf, RUN_TAG } from "./cases.ts";
import type { CaseCost } from "./cost.ts";
import { redact } from "./redact.ts";
import type { RunState } from "./state.ts";

export interface Versions {
  readonly holdfast: string;
  readonly commit: string;
  readonly node: string;
}

/** What is sent back: every check with its times and evidence. Written without anything by which the account could be entered. */
export interface Report {
  readonly run: string;
  readonly region: string;
  readonly startedAt: string;
  readonly versions: Versions;
  readonly stack: RunState["stack"];
  readonly stopped: string | null;
  /** Null where that could not be looked at. */
  readonly left: readonly string[] | null;
  readonly counts: Readonly<Record<"passed" | "failed" | "skipped", number>>;
  readonly checks: readonly (RunState["results"][number] & { readonly title: string; readonly shows: string })[];
}

export function reportOf(state: RunState, versions: Versions): Report {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of state.results) counts[status] += 1;
  const checks = state.results.map((result) => {
    const { title, shows } = CHECKS[result.check];
    return { ...result, title, shows };
  });
  const { run, region, startedAt, stack, stopping, left } = state;
  return { run, region, startedAt, versions, stack, stopped: stopping, left, counts, checks };
}

export function reportJson(report: Report): string {
  return redact(`${JSON.stringify(report, undefined, 2)}\n`);
}

export function reportText(report: Report): string {
  const { versions, counts } = report;
  const lines = [
    `${report.run} in ${report.region}, begun ${report.startedAt}`,
    `Holdfast ${versions.holdfast} (${versions.commit}), Node ${versions.node}; stack: ${report.stack}`,
    ...(report.stopped === null ? [] : [`Stopped: ${report.stopped}`]),
    "",
    ...report.checks.map(
      ({ status, check, seconds, message }) =>
        `${status.padEnd(7)} ${check.padEnd(18)} ${String(Math.round(seconds)).padStart(5)} s  ${message}`,
    ),
    "",
    `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped.`,
    leftText(report.left),
    "",
  ];
  return redact(lines.join("\n"));
}

function leftText(left: Report["left"]): string {
  if (left === null) return "It is not known what is left in the account: nothing could be looked at.";
  if (left.length === 0) return "Nothing with the run's tag is left in the account.";
  return `Still in the account:\n${left.map((each) => `  ${each}`).join("\n")}`;
}

/** What is said before anything is made. */
export function planText(costs: readonly CaseCost[], region: string): string {
  const known = costs.every(({ usd }) => usd !== null);
  const total = costs.reduce((sum, { usd }) => sum + (usd ?? 0), 0);
  const minutes = costs.reduce((sum, each) => sum + each.minutes, 0);
  return [
    `A run creates these clusters in ${region}, one after the other, and removes each:`,
    "",
    ...costs.map(
      ({ of, minutes: each, usd, resources }) => `  ${of}: ${dollars(usd)} for ${each} minutes (${resources})`,
    ),
    "",
    "Checks:",
    ...checksOf(costs.map(({ of }) => of)).map((name) => `  ${name}: ${CHECKS[name].shows}`),
    "",
    `Together about ${known ? dollars(total) : "an unknown amount"} by list prices, and ${minutes} minutes.`,
    "Where the stack Holdfast is not deployed, it is deployed and removed again: some cents, ten minutes more.",
    `Everything carries the tag ${RUN_TAG} with the run's name.`,
    "",
  ].join("\n");
}

function dollars(usd: number | null): string {
  return usd === null ? "price unknown" : `$${usd.toFixed(2)}`;
}
