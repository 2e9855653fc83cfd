import { mkdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Sandbox } from "../local/lambda/sandbox.ts";
import { BUNDLES, buildFunctions, listFunctions } from "../scripts/build.ts";
import { describeMachine } from "./machine.ts";
import { type Summary, summarize } from "./statistics.ts";

/**
 * `npm run bench:init`: what each function that a caller waits for takes to load on the local runner (a fresh thread, without a
 * compile cache, as on Lambda), and how large its bundle is. No local cloud is started. Exit code 1 above the limit.
 */

/** Of the processor's time, which is what an idle machine takes; seconds on the wall count whatever else runs, too. */
const LIMIT_MS = 300;

interface Init {
  readonly name: string;
  readonly kilobytes: number;
  readonly processor: Summary;
  readonly wall: Summary;
}

/** What a function's environment must hold for it to start; nothing of it is called. */
const ENVIRONMENT = {
  AWS_REGION: "us-west-2",
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  AWS_SESSION_TOKEN: "bench",
  API_URL: "http://127.0.0.1:1",
  CLUSTER_TABLE: "clusters",
  CREATE_STATE_MACHINE: "create",
  UPDATE_STATE_MACHINE: "update",
  DELETE_STATE_MACHINE: "delete",
  CHAT_STATE_MACHINE: "chat",
  MEMBER_HEALTH_DOCUMENT: "member-health",
  LIST_NODES_DOCUMENT: "list-nodes",
};

async function initOnce(name: string): Promise<{ readonly processor: number; readonly wall: number }> {
  const settings = {
    directory: join(BUNDLES, name),
    handler: "index.handler",
    compileCache: undefined,
    functionName: name,
    functionArn: name,
    memoryMegabytes: 512,
    logGroup: name,
    logStream: name,
  };
  const before = { wall: performance.now(), processor: process.cpuUsage() };
  const sandbox = new Sandbox({ settings, environment: ENVIRONMENT, onLine: (line) => console.error(line) });
  const keepAlive = setInterval(() => {}, 1_000);
  const failure = await sandbox.ready;
  const wall = performance.now() - before.wall;
  const { user, system } = process.cpuUsage(before.processor);
  clearInterval(keepAlive);
  await sandbox.terminate();
  if (failure) throw new Error(`${name} does not start: ${failure.errorMessage}`);
  return { wall, processor: (user + system) / 1000 };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "7" }, name: { type: "string", default: "function-init" } },
  });
  await buildFunctions();
  const names = listFunctions()
    .filter(({ entry }) => /\/functions\/(api|chatops)\//.test(entry))
    .map(({ name }) => name);
  const functions: Init[] = [];
  for (const name of names) {
    const runs = [];
    for (let run = 0; run < Number(values.runs); run++) runs.push(await initOnce(name));
    const { size } = await stat(join(BUNDLES, name, "index.cjs"));
    functions.push({
      name,
      kilobytes: Math.round(size / 1024),
      processor: summarize(runs.map(({ processor }) => processor)),
      wall: summarize(runs.map(({ wall }) => wall)),
    });
  }
  const table = new Table({ head: ["function", "KiB", "processor ms", "wall ms"], style: { head: [], border: [] } });
  for (const { name, kilobytes, processor, wall } of functions)
    table.push([name, kilobytes, processor.medianMs, wall.medianMs]);
  console.log(table.toString());
  const file = join(import.meta.dirname, "results", `${values.name}.json`);
  await mkdir(dirname(file), { recursive: true });
  const result = { measuredAt: new Date().toISOString().slice(0, 10), machine: describeMachine(), functions };
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  const slow = functions.filter(({ processor }) => processor.medianMs > LIMIT_MS).map(({ name }) => name);
  if (slow.length > 0) console.error(`above ${LIMIT_MS} ms: ${slow.join(", ")}`);
  process.exitCode = slow.length > 0 ? 1 : 0;
}

await main();
