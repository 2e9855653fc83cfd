import { planCluster } from "../../functions/domain/plan/plan.ts";
import { specFromDocument } from "../../functions/domain/spec/parse-spec.ts";
import { type CaseName, CHECKS, checksOf, specOf } from "./cases.ts";

const HOURS_PER_MONTH = 730;

export interface CaseCost {
  readonly of: CaseName;
  readonly minutes: number;
  /** US dollars by list prices; null where the price table does not know the Region. */
  readonly usd: number | null;
  readonly resources: string;
}

/** What each cluster costs for as long as it usually lives. Throws a TypeError with what is wrong with the choice. */
export function costOfCases(cases: readonly CaseName[], run: string, region: string, size: string): CaseCost[] {
  const zones = ["a", "b", "c"].map((letter) => `${region}${letter}`);
  return cases.map((of) => {
    const parsed = specFromDocument(specOf(of, { run, zones, size, image: null }));
    if (!parsed.ok) throw new TypeError(parsed.problems.map(({ message }) => message).join("; "));
    const { cost } = planCluster(parsed.spec).plan;
    const minutes = minutesOf(of);
    const monthly = cost?.monthly ?? null;
    const usd = monthly === null ? null : (monthly / HOURS_PER_MONTH) * (minutes / 60);
    return {
      of,
      minutes,
      usd,
      resources: (cost?.items ?? []).map(({ count, what }) => `${what}: ${count}`).join(", "),
    };
  });
}

function minutesOf(of: CaseName): number {
  return checksOf([of])
    .filter((name) => CHECKS[name].of === of)
    .reduce((sum, name) => sum + CHECKS[name].minutes, 0);
}
