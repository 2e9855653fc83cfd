import type { parseArgs } from "node:util";
import { InstanceType } from "../../functions/domain/spec/value-schemas.ts";
import { CASE_NAMES, type CaseName } from "./cases.ts";
import { costOfCases } from "./cost.ts";
import { runName, startOf } from "./run-name.ts";

export const USAGE =
  "usage: npm run smoke:aws -- --region REGION [--yes] [--only private,public,ha] [--size t3.medium] [--image NAME] [--api URL] [--directory DIR]\n" +
  "       npm run smoke:aws -- --resume RUN [--directory DIR]";

export interface Choice {
  readonly region: string;
  readonly yes: boolean;
  readonly cases: readonly CaseName[];
  readonly size: string;
  readonly image: string | null;
  /** Of a Holdfast that is deployed already; null to find or to deploy one. */
  readonly api: string | null;
  readonly resume: string | null;
  /** Where runs keep their state and their report. */
  readonly directory: string;
}

export type ReadChoice =
  | { readonly ok: true; readonly choice: Choice }
  /** Null where nothing is wrong, but help was asked for. */
  | { readonly ok: false; readonly problem: string | null };

export function readChoice(args: readonly string[], parse: typeof parseArgs): ReadChoice {
  try {
    const { values } = parse({
      args: [...args],
      options: {
        region: { type: "string" },
        yes: { type: "boolean", default: false },
        only: { type: "string", default: CASE_NAMES.join(",") },
        size: { type: "string", default: "t3.medium" },
        image: { type: "string" },
        api: { type: "string" },
        resume: { type: "string" },
        directory: { type: "string", default: ".holdfast/smoke" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return { ok: false, problem: null };
    const { region = "", resume = null, api = null, image = null, yes, size, directory } = values;
    if (resume === null && !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
      return { ok: false, problem: "--region takes a Region, such as us-west-2" };
    // It becomes a path.
    if (resume !== null && startOf(resume) === undefined)
      return { ok: false, problem: "--resume takes the name of a run, such as smoke-20261130-0123-ab12" };
    const wanted = values.only.split(",");
    const unknown = wanted.filter((name) => !CASE_NAMES.some((known) => known === name));
    if (unknown.length > 0) return { ok: false, problem: `--only takes ${CASE_NAMES.join(", ")}, not "${unknown[0]}"` };
    const cases = CASE_NAMES.filter((name) => wanted.includes(name));
    if (!InstanceType.safeParse(size).success)
      return { ok: false, problem: `--size takes an instance type, such as t3.medium, not "${size}"` };
    if (api !== null && !URL.canParse(api))
      return { ok: false, problem: `--api takes an address, such as https://…, not "${api}"` };
    // Throws what else is wrong with the size.
    if (resume === null) costOfCases(cases, runName(new Date(), "0000"), region, size);
    return { ok: true, choice: { region, yes, cases, size, image, api, resume, directory } };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}
