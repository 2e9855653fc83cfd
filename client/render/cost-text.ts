import { unpriced } from "../../functions/domain/plan/cost.ts";
import type { Cost } from "../../functions/domain/plan/plan-types.ts";

/** A line a kind, then the sum, with the date of the prices and what they do not have. */
export function costLines(cost: Cost): string[] {
  if (cost.monthly === null) return [`Cost       no prices for ${cost.region} in the price table (of ${cost.asOf})`];
  const width = Math.max(
    ...[cost.monthly, ...cost.items.map(({ monthly }) => monthly ?? 0)].map((sum) => usd(sum).length),
  );
  const lines = cost.items.flatMap(({ what, count, each, monthly }) =>
    each === null || monthly === null
      ? []
      : [`${usd(monthly).padStart(width)}  ${count} ${count === 1 ? singular(what) : what}`],
  );
  const total = `${usd(cost.monthly).padStart(width)}  in all, by AWS's list prices of ${cost.asOf}; traffic comes on top${withoutText(unpriced(cost))}`;
  return [...lines, total].map((line, index) => `${index === 0 ? "USD/month  " : "           "}${line}`);
}

/** What a change of the spec does to the sum; nothing if that is not known. */
export function costChangeLines(from: Cost | undefined, to: Cost | undefined): string[] {
  if (from?.monthly == null || to?.monthly == null || from.monthly === to.monthly) return [];
  const difference = to.monthly - from.monthly;
  const sign = difference > 0 ? "+" : "-";
  return [
    `  USD/month  ${usd(from.monthly)} → ${usd(to.monthly)} (${sign}${usd(Math.abs(difference))}), by AWS's list prices of ${to.asOf}${withoutText([...new Set([...unpriced(from), ...unpriced(to)])])}`,
  ];
}

function withoutText(missing: readonly string[]): string {
  return missing.length > 0 ? `, without ${missing.join(" and ")}, which the table does not have` : "";
}

function usd(sum: number): string {
  return sum.toFixed(2);
}

/** `public IPv4 addresses` becomes `public IPv4 address`. */
function singular(what: string): string {
  return what.replace(/(?<=ss)es$|s$/, "");
}
