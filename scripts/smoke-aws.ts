import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeAbandoned } from "./smoke-aws/abandoned.ts";
import { type Choice, readChoice, USAGE } from "./smoke-aws/arguments.ts";
import { costOfCases } from "./smoke-aws/cost.ts";
import { processOf, release, take } from "./smoke-aws/lock.ts";
import { planText, reportJson, reportOf, reportText, type Versions } from "./smoke-aws/report.ts";
import { carryOn } from "./smoke-aws/run.ts";
import { runName } from "./smoke-aws/run-name.ts";
import { newState, type RunState, readState, writeState } from "./smoke-aws/state.ts";
import { clientsFor, type Tools } from "./smoke-aws/tools.ts";

/** `npm run smoke:aws`: the first hour in a real account, unattended. What it does and leaves: docs/smoke-aws.md. */
const ROOT = join(import.meta.dirname, "..");

function say(line: string): void {
  console.error(line);
}

function versions(): Versions {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  let commit = "unknown";
  try {
    commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  } catch {
    // A copy without its history.
  }
  return { holdfast: String(version), commit, node: process.versions.node };
}

/** A terminal's Ctrl-C comes twice, where npm sends it on: nobody presses it again so soon. */
const SAME_SIGNAL_MS = 1_000;

/** The first signal ends what runs, and removes everything; the second ends at once. */
function stopOnSignal(run: string): AbortSignal {
  const stopping = new AbortController();
  let first = 0;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (stopping.signal.aborted) {
        if (Date.now() - first < SAME_SIGNAL_MS) return;
        say(`Ended at once. To remove what is left: npm run smoke:aws -- --resume ${run}`);
        process.exit(130);
      }
      first = Date.now();
      say("Stopping: everything that was made is removed first. Once more ends at once, and leaves it.");
      stopping.abort();
    });
  return stopping.signal;
}

async function execute(choice: Choice, begun: RunState): Promise<number> {
  let current = begun;
  await take(choice.directory, current.run);
  await writeState(choice.directory, current);
  const tools: Tools = {
    aws: clientsFor(current.region),
    get state() {
      return current;
    },
    save: async (change) => {
      current = { ...current, ...change };
      await writeState(choice.directory, current);
    },
    signal: stopOnSignal(current.run),
    say,
  };
  let problem: unknown;
  await carryOn(tools).catch((error: unknown) => {
    problem = error;
  });
  const report = reportOf(current, versions());
  const directory = join(choice.directory, current.run);
  await writeFile(join(directory, "report.json"), reportJson(report));
  await writeFile(join(directory, "report.txt"), reportText(report));
  console.log(reportText(report));
  say(`Report to send back: ${join(directory, "report.json")}`);
  const isClean = current.left !== null && current.left.length === 0 && current.stack !== "made";
  if (!isClean) say(`Not everything is removed: npm run smoke:aws -- --resume ${current.run}`);
  await release(choice.directory, current.run);
  if (problem !== undefined) throw problem;
  return isClean && report.counts.failed === 0 && report.stopped === null ? 0 : 1;
}

async function main(): Promise<number> {
  const read = readChoice(process.argv.slice(2), parseArgs);
  if (!read.ok) {
    if (read.problem === null) console.log(USAGE);
    else say(`${read.problem}\n${USAGE}`);
    return read.problem === null ? 0 : 2;
  }
  const { choice } = read;
  if (choice.resume !== null) {
    const state = await readState(choice.directory, choice.resume);
    if (state === undefined) {
      say(`There is no run ${choice.resume} in ${choice.directory}.`);
      return 2;
    }
    const pid = await processOf(choice.directory, choice.resume);
    if (pid !== undefined) {
      say(`${choice.resume} is under way in process ${pid}: end that first.`);
      return 2;
    }
    return await execute({ ...choice, region: state.region }, state);
  }
  const now = new Date();
  const run = runName(now, randomBytes(2).toString("hex"));
  console.log(planText(costOfCases(choice.cases, run, choice.region, choice.size), choice.region));
  if (!choice.yes) {
    say("Nothing was made. Add --yes to begin.");
    return 0;
  }
  await removeAbandoned(choice, say);
  return await execute(choice, newState(choice, run, now));
}

// A terminal that was closed, or a reader that has seen enough: what was made is removed all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
process.exitCode = await main().catch((error: unknown) => {
  // Of the SDK, of the API or of the file system: the sentence says what is missing.
  say(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  return 1;
});
