import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import Table from "cli-table3";
import { buildIfStale } from "../local/cloud/build-if-stale.ts";
import { awsTimings } from "../local/cloud/timings.ts";
import { sharedCompileCache } from "../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../local/cloud.ts";
import { type CreateTimes, Observer, type RepairTimes } from "./holdfast.ts";
import { kopsCreate, kopsRepair } from "./kops.ts";
import { describeMachine, type Machine } from "./machine.ts";

/** As docs/images.md names an image that has everything. */
const PREPARED = "holdfast-1.36";
const LIMIT_MS = 30 * 60_000;

/** Milliseconds that one cluster would take on AWS. */
interface Predicted {
  readonly create: CreateTimes;
  readonly repair: RepairTimes & {
    /** The load balancer sends requests to the member again. */
    readonly serves: number;
  };
}

interface Prediction {
  readonly command: string;
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly stock: Predicted;
  readonly prepared: Predicted;
  /** Seconds. */
  readonly kops: { readonly create: typeof kopsCreate; readonly repair: typeof kopsRepair };
}

/** `npm run bench -- --timings aws`: in real time, since functions live by it; both images at once, in one account. */
export async function predict(name: string): Promise<void> {
  const { cdkOut } = await buildIfStale(say);
  const compileCache = sharedCompileCache();
  const cloud = await startLocalCloud({
    ...{ cdkOut, port: 0, hosts: "simulated" as const, timings: awsTimings, log: () => {} },
    ...(compileCache !== undefined && { compileCache }),
  });
  try {
    cloud.services.ec2.seed({ kind: "image", name: PREPARED, ownerId: cloud.context.accountId });
    say("create and repair with a stock image and with a prepared one, by AWS's waits: about a quarter of an hour …");
    const [stock, prepared] = await Promise.all([
      measure(cloud, "stock.example.com"),
      measure(cloud, "prepared.example.com", PREPARED),
    ]);
    const result: Prediction = {
      command: "npm run bench -- --timings aws",
      measuredAt: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      ...{ stock, prepared },
      kops: { create: kopsCreate, repair: kopsRepair },
    };
    console.log(render(result));
    const file = join(import.meta.dirname, "results", `${name}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`written to ${file}`);
  } finally {
    await cloud.close();
  }
}

async function measure(cloud: LocalCloud, name: string, image?: string): Promise<Predicted> {
  const observer = new Observer(cloud, { limitMs: LIMIT_MS, image });
  observer.onSteps = (steps, since) => {
    for (const { name: step, member, startedAt, finishedAt } of steps)
      say(`  ${name} ${step} ${member ?? ""} ${at(startedAt, since)} to ${at(finishedAt, since)}`);
  };
  const create = await observer.create(name);
  const { instanceId, address } = await observer.victim(name);
  const since = Date.now();
  const [repair, serves] = await Promise.all([observer.repair(name), observer.serves(name, address, instanceId)]);
  return { create, repair: { ...repair, serves: serves - since } };
}

function at(time: string | null, since: number): string {
  return time === null ? "…" : `${((Date.parse(time) - since) / 1_000).toFixed(0)} s`;
}

function say(line: string): void {
  console.error(line);
}

const ROWS: readonly (readonly [part: string, from: (of: Predicted) => number, kops?: string])[] = [
  ["create → quorum verified", ({ create }) => create.quorumVerified],
  ["create → API answers", ({ create }) => create.apiVerified, range(kopsCreate)],
  ["create → ACTIVE, nodes ready", ({ create }) => create.active],
  ["repair → old instance ended", ({ repair }) => repair.terminated],
  ["repair → new instance running", ({ repair }) => repair.running],
  ["repair → volume attached", ({ repair }) => repair.attached],
  ["repair → etcd member healthy", ({ repair }) => repair.memberHealthy],
  ["repair → 3 of 3, ACTIVE", ({ repair }) => repair.whole],
  ["repair → its API server is in service", ({ repair }) => repair.serves, range(kopsRepair)],
];

function render(result: Prediction): string {
  const head = ["predicted for AWS", "stock image", "prepared image", "kops, by its constants"];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const [part, from, kops = ""] of ROWS)
    table.push([part, minutes(from(result.stock)), minutes(from(result.prepared)), kops]);
  return table.toString();
}

function range({ least, most }: { readonly least: number; readonly most: number }): string {
  return `${minutes(least * 1_000)} to ${minutes(most * 1_000)}`;
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
