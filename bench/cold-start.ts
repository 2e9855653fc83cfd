import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { buildIfStale } from "../local/cloud/build-if-stale.ts";
import { sharedCompileCache } from "../local/cloud/workspace.ts";
import { startLocalCloud } from "../local/cloud.ts";
import { createNamespaceDriver } from "../local/hosts/namespace-driver.ts";
import type { CallRecord } from "../local/wire/server.ts";
import { ensureHostTools } from "../scripts/ensure-host-tools.ts";
import { BareCluster, type BareTimes } from "./bare-etcd.ts";
import { type CallCount, callsOfFunctions, countCalls, medianCount } from "./calls.ts";
import { type CreateTimes, Observer, type RepairTimes } from "./holdfast.ts";
import { measureLaunch } from "./launch.ts";
import { describeMachine } from "./machine.ts";
import { predict } from "./predict.ts";
import { type Result, render } from "./report.ts";
import { summarizeEach } from "./statistics.ts";

/** `npm run bench`: etcd alone, then Holdfast, in one run on one machine, so that their ratio means something. */
const { values } = parseArgs({
  options: {
    "bare-runs": { type: "string", default: "5" },
    runs: { type: "string", default: "3" },
    /** Name of the file below bench/results. */
    name: { type: "string", default: "latest" },
    /** `aws`: what AWS would take, by its own waits (predict.ts). */
    timings: { type: "string", default: "local" },
  },
});

function say(line: string): void {
  console.error(line);
}

const compileCache = sharedCompileCache();
const keepCompiled = compileCache === undefined ? {} : { compileCache };

interface CloudRun {
  readonly cold: CreateTimes;
  readonly warm: CreateTimes;
  readonly repair: RepairTimes;
  /** What a plain group's instance needs on the same cloud. */
  readonly launch: number;
  readonly createCalls: CallCount;
  readonly repairCalls: CallCount;
}

async function measureBare(runs: number): Promise<BareTimes[]> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  const hosts = await createNamespaceDriver({
    directory,
    awsSocket: join(directory, "aws.sock"),
    log: say,
    ...keepCompiled,
  });
  const times: BareTimes[] = [];
  try {
    for (let run = 0; run < runs; run++) times.push(await (await BareCluster.prepare(hosts, run)).measure());
  } finally {
    await hosts.close();
    await rm(directory, { recursive: true, force: true });
  }
  return times;
}

/** A local cloud of its own: its first cluster finds every function cold, its second one finds them warm. */
async function measureHoldfast(cdkOut: string): Promise<CloudRun> {
  const calls: CallRecord[] = [];
  const onCall = (record: CallRecord): void => void calls.push(record);
  const cloud = await startLocalCloud({ cdkOut, port: 0, log: () => {}, onCall, ...keepCompiled });
  const counted = async <T>(work: Promise<T>): Promise<[T, CallCount]> => {
    const before = calls.length;
    const result = await work;
    return [result, countCalls(callsOfFunctions(calls.slice(before)))];
  };
  try {
    const observer = new Observer(cloud);
    const cold = await observer.create("cold.example.com");
    const [warm, createCalls] = await counted(observer.create("warm.example.com"));
    const [repair, repairCalls] = await counted(observer.repair("warm.example.com"));
    const launch = await measureLaunch(cloud, await observer.instanceOf("warm.example.com"));
    return { cold, warm, repair, launch, createCalls, repairCalls };
  } finally {
    await cloud.close();
  }
}

/** What is required of a repair: at most twice this. */
const RESTORE = "restore (→ member healthy), over the new instance running + restart of etcd alone";
/** Nobody restores a member sooner: its address is free when the old host is down, then a new one boots, then etcd starts. */
const RESTORE_AT_BEST =
  "restore (→ member healthy), over the old host's shutdown + launch of an instance + start of etcd alone";

function sumOf(...parts: readonly ({ readonly medianMs: number } | undefined)[]): number {
  return parts.reduce((sum, part) => sum + (part?.medianMs ?? Number.NaN), 0);
}

function ratio(ours: number | undefined, bare: number | undefined): number {
  return Math.round(((ours ?? Number.NaN) / (bare ?? Number.NaN)) * 100) / 100;
}

async function main(): Promise<void> {
  await ensureHostTools(say);
  const { cdkOut } = await buildIfStale(say);
  say("etcd alone …");
  const bare = summarizeEach((await measureBare(Number(values["bare-runs"]))).map((times) => ({ ...times })));
  const runs: CloudRun[] = [];
  for (let run = 1; run <= Number(values.runs); run++) {
    say(`Holdfast, run ${run} …`);
    runs.push(await measureHoldfast(cdkOut));
  }
  const createCold = summarizeEach(runs.map(({ cold }) => ({ ...cold })));
  const createWarm = summarizeEach(runs.map(({ warm }) => ({ ...warm })));
  const repair = summarizeEach(runs.map((run) => ({ launch: run.launch, ...run.repair })));
  const result: Result = {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    bare,
    createCold,
    createWarm,
    repair,
    ratios: {
      "create, cold": ratio(createCold["quorumVerified"]?.medianMs, bare["quorum"]?.medianMs),
      "create, warm": ratio(createWarm["quorumVerified"]?.medianMs, bare["quorum"]?.medianMs),
      repair: ratio(repair["whole"]?.medianMs, bare["replacement"]?.medianMs),
      [RESTORE]: ratio(repair["memberHealthy"]?.medianMs, sumOf(repair["running"], bare["restart"])),
      [RESTORE_AT_BEST]: ratio(
        repair["memberHealthy"]?.medianMs,
        sumOf(repair["terminated"], repair["launch"], bare["etcd"]),
      ),
    },
    calls: {
      create: medianCount(runs.map(({ createCalls }) => createCalls)),
      repair: medianCount(runs.map(({ repairCalls }) => repairCalls)),
    },
  };
  console.log(render(result));
  const file = join(import.meta.dirname, "results", `${values.name}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
  say(`written to ${file}`);
}

if (values.timings === "aws") await predict(values.name === "latest" ? "prediction" : values.name);
else await main();
