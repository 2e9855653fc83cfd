import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Choice, readChoice, USAGE } from "./smoke-aws/arguments.ts";
import { costOfCases } from "./smoke-aws/cost.ts";
import { runsInAccount } from "./smoke-aws/leftovers.ts";
import { abandoned } from "./smoke-aws/next.ts";
import { planText, reportJson, reportOf, reportText, type Versions } from "./smoke-aws/report.ts";
import { type Retained, removeRetained, retainedByRun, retainedClients } from "./smoke-aws/retained.ts";
import { carryOn } from "./smoke-aws/run.ts";
import { runName, startOf } from "./smoke-aws/run-name.ts";
import { runOfStack } from "./smoke-aws/stack.ts";
import { newState, type RunState, readState, writeState } from "./smoke-aws/state.ts";
import { sweep } from "./smoke-aws/sweep.ts";
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

/** Other runs whose state is not here, and which nobody has continued for hours: their resources cost money. */
async function removeAbandoned(choice: Choice): Promise<void> {
  const aws = clientsFor(choice.region);
  const retained = await retainedByRun(retainedClients(choice.region));
  const names = new Set([...(await runsInAccount(aws)), ...retained.keys()]);
  const runs = [...names].flatMap((run) => {
    const startedAt = startOf(run);
    return startedAt ? [{ run, startedAt }] : [];
  });
  const old = new Set(abandoned(runs, new Date()));
  for (const { run } of runs) {
    if (existsSync(join(choice.directory, run))) say(`${run} is not finished: npm run smoke:aws -- --resume ${run}`);
    else if (old.has(run)) {
      await sweep(aws, run, say);
      await removeStackRest(choice.region, run, retained.get(run) ?? []);
    } else say(`${run} of somebody else is under way, or was left; it is removed when it is four hours old`);
  }
}

/** Tables and buckets of a stack that is gone. One that stands is left: people may use it by now. */
async function removeStackRest(region: string, run: string, retained: readonly Retained[]): Promise<void> {
  if (retained.length === 0) return;
  if ((await runOfStack(region)) === run) {
    say(`the stack Holdfast of ${run} stands; remove it, if nobody uses it: npx cdk destroy Holdfast`);
    return;
  }
  const left = await removeRetained(region, retained);
  say(`${retained.length - left.length} tables and buckets of ${run} are removed`);
  for (const { type, id } of left) say(`${type} is left: ${id}`);
}

/** The first signal ends what runs, and removes everything; the second ends at once. */
function stopOnSignal(run: string): AbortSignal {
  const stopping = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => {
      if (stopping.signal.aborted) {
        say(`Ended at once. To remove what is left: npm run smoke:aws -- --resume ${run}`);
        process.exit(130);
      }
      say("Stopping: everything that was made is removed first. Once more ends at once, and leaves it.");
      stopping.abort();
    });
  return stopping.signal;
}

async function execute(choice: Choice, begun: RunState): Promise<number> {
  let current = begun;
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
  if (problem !== undefined) throw problem;
  const isClean = current.left !== null && current.left.length === 0 && current.stack !== "made";
  if (!isClean) say(`Not everything is removed: npm run smoke:aws -- --resume ${current.run}`);
  return isClean && report.counts.failed === 0 && report.stopped === null ? 0 : 1;
}

async function main(): Promise<number> {
  const read = readChoice(process.argv.slice(2), parseArgs);
  if (!read.ok) {
    say(`${read.problem}\n${USAGE}`);
    return 2;
  }
  const { choice } = read;
  if (choice.resume !== null) {
    const state = await readState(choice.directory, choice.resume);
    if (state === undefined) {
      say(`There is no run ${choice.resume} in ${choice.directory}.`);
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
  await removeAbandoned(choice);
  return await execute(choice, newState(choice, run, now));
}

process.exitCode = await main();
