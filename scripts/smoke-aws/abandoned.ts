import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Choice } from "./arguments.ts";
import { CASE_NAMES, clusterName } from "./cases.ts";
import { deleteCluster } from "./checks/delete.ts";
import { runsInAccount } from "./leftovers.ts";
import { processOf } from "./lock.ts";
import { abandoned } from "./next.ts";
import { type Retained, removeRetained, retainedByRun, retainedClients } from "./retained.ts";
import { startOf } from "./run-name.ts";
import { findApi, runOfStack } from "./stack.ts";
import { sweep } from "./sweep.ts";
import { clientsFor } from "./tools.ts";

type Say = (line: string) => void;

/** Other runs whose state is not here, and which nobody has continued for hours: their resources cost money. */
export async function removeAbandoned(
  { region, directory, api }: Pick<Choice, "region" | "directory" | "api">,
  say: Say,
): Promise<void> {
  const aws = clientsFor(region);
  const retained = await retainedByRun(retainedClients(region));
  const names = new Set([...(await runsInAccount(aws)), ...retained.keys()]);
  const runs = [...names].flatMap((run) => {
    const startedAt = startOf(run);
    return startedAt ? [{ run, startedAt }] : [];
  });
  const old = new Set(abandoned(runs, new Date()));
  for (const { run } of runs) {
    if (existsSync(join(directory, run))) say(await ownRunText(directory, run));
    else if (old.has(run)) {
      await deleteClusters({ run, region, api: api ?? (await findApi(region)) ?? null }, say);
      await sweep(aws, run, say);
      await removeStackRest(region, run, retained.get(run) ?? [], say);
    } else say(`${run} of somebody else is under way, or was left; it is removed when it is four hours old`);
  }
}

async function ownRunText(directory: string, run: string): Promise<string> {
  const pid = await processOf(directory, run);
  return pid === undefined
    ? `${run} is not finished: npm run smoke:aws -- --resume ${run}`
    : `${run} is under way in process ${pid}`;
}

/** By Holdfast, where it still knows them: it would repair what is removed behind its back. */
async function deleteClusters(state: { run: string; region: string; api: string | null }, say: Say): Promise<void> {
  if (state.api === null) return;
  for (const of of CASE_NAMES) {
    const { asked, last } = await deleteCluster(of, { state }).catch((error: unknown) => ({
      asked: 1,
      last: error instanceof Error ? error.message : String(error),
    }));
    if (asked > 0) say(`${clusterName(state.run, of)}: ${last}`);
  }
}

/** Tables and buckets of a stack that is gone. One that stands is left: people may use it by now. */
async function removeStackRest(region: string, run: string, retained: readonly Retained[], say: Say): Promise<void> {
  if (retained.length === 0) return;
  if ((await runOfStack(region)) === run) {
    say(`the stack Holdfast of ${run} stands; remove it, if nobody uses it: npx cdk destroy Holdfast`);
    return;
  }
  const left = await removeRetained(region, retained);
  say(`${retained.length - left.length} tables and buckets of ${run} are removed`);
  for (const { type, id } of left) say(`${type} is left: ${id}`);
}
