import { randomFrom } from "../../local/faults/random.ts";
import { listResources } from "../support/account.ts";
import { type Flow, isWhole, untilDone } from "./flow.ts";
import { incompleteBackups } from "./incomplete-backups.ts";
import { difference, findOrphans, findTwins, shapeOf } from "./inventory-rules.ts";
import { type CrashPoint, nameOf } from "./recorder.ts";
import { openWorld, THREE_ZONES, type World } from "./world.ts";

/** Where the function is ended, or what its call meets instead. */
export const SIDES = ["crash-before-call", "crash-after-call", "lose-call", "throttle-call"] as const;
export type Side = (typeof SIDES)[number];

export interface CrashSweepOptions {
  readonly flow: Flow;
  /** At most so many runs, drawn at random; all without it. */
  readonly sample?: number;
  readonly seed?: number;
  readonly sides?: readonly Side[];
  /** Runs at once: more where a flow waits rather than works. */
  readonly concurrency?: number;
  readonly log?: (line: string) => void;
}

export interface CrashSweepReport {
  readonly points: number;
  readonly runs: number;
  /** Runs in which the call in question never came: the flow took another way. */
  readonly missed: number;
  readonly seconds: number;
  readonly failures: readonly string[];
}

/** Clusters of one local cloud before it is replaced by a fresh one: what it remembers of them makes it slow. */
const CLUSTERS_A_WORLD = 40;

interface Run {
  readonly point: CrashPoint;
  readonly side: Side;
}

/**
 * Runs a flow once for each call that it makes and each side of it, and says what did not come out as without a crash.
 */
export async function crashSweep(options: CrashSweepOptions): Promise<CrashSweepReport> {
  const { flow, log = () => {}, sides = SIDES, seed = 1, concurrency = 3 } = options;
  const startedAt = performance.now();
  const world = new Worlds(log);
  const failures: string[] = [];
  let missed = 0;
  try {
    const { points, shape } = await undisturbed(await world.current(), flow);
    const all = points.flatMap((point) => sides.map((side): Run => ({ point, side })));
    const runs = options.sample === undefined ? all : draw(all, options.sample, seed);
    log(`${flow.name}: ${points.length} changing calls, ${runs.length} runs (seed ${seed})`);
    const batches = chunk(runs, CLUSTERS_A_WORLD);
    for (const [index, batch] of batches.entries()) {
      const here = index === 0 ? await world.current() : await world.next();
      const outcome = await runBatch(here, { flow, batch, concurrency, shape, log });
      failures.push(...outcome.failures);
      missed += outcome.missed;
      log(
        `${flow.name}: ${Math.min((index + 1) * CLUSTERS_A_WORLD, runs.length)} of ${runs.length} runs, ${failures.length} failures`,
      );
    }
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    return { points: points.length, runs: runs.length, missed, seconds, failures };
  } finally {
    await world.close();
  }
}

/** One cluster of this flow without any fault: its calls, and what it leaves in the account. */
async function undisturbed(world: World, flow: Flow) {
  const name = world.newName();
  // A first time for cold functions, whose polls take other turns.
  await create(world, flow, flow.beginsWith === "nothing" ? world.newName() : name);
  world.recorder.start(await flow.subjects(world, name));
  await untilDone(world, name, await flow.begin(world, name));
  const points = world.recorder.stop().filter((point) => isGoneThrough(flow, point));
  await requireCheck(world, flow, name);
  const { uid = "" } = (await world.cluster(name)) ?? {};
  return { points, shape: shapeOf(await listResources(world.cloud), uid) };
}

function isGoneThrough({ steps, firstOnly = false }: Flow, { function: name, nth }: CrashPoint): boolean {
  return (steps?.test(name.toLowerCase()) ?? true) && (!firstOnly || nth === 1);
}

/** What a run begins with. */
async function create(world: World, flow: Flow, name: string): Promise<void> {
  const { masterZones = THREE_ZONES } = flow;
  await world.create(name, masterZones);
  await untilDone(world, name, (state) => isWhole(state, { masters: masterZones.length }));
  await flow.prepare?.(world, name);
}

async function runBatch(
  world: World,
  {
    flow,
    batch,
    concurrency,
    shape,
    log,
  }: {
    flow: Flow;
    batch: readonly Run[];
    concurrency: number;
    shape: readonly string[];
    log: (line: string) => void;
  },
) {
  const failures: string[] = [];
  const done = new Map<string, string>();
  let missed = 0;
  const queue = [...batch];
  const fail = (run: string, what: string): void => {
    failures.push(`${run}: ${what}`);
    log(`FAILED ${run}: ${what}`);
  };
  const work = async (): Promise<void> => {
    let name: string | undefined;
    for (let run = queue.shift(); run; run = queue.shift()) {
      const title = `${flow.name} ${run.side} ${nameOf(run.point)}`;
      try {
        if (name === undefined || flow.beginsWith !== "any cluster") {
          name = world.newName();
          if (flow.beginsWith !== "nothing") await create(world, flow, name);
        }
        done.set(name, title);
        if (!(await runOnce(world, flow, name, run))) {
          missed += 1;
          log(`missed ${title}`);
        }
      } catch (error) {
        fail(title, error instanceof Error ? error.message : String(error));
        name = undefined;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const resources = await listResources(world.cloud);
  const uids = new Map<string, string>();
  for (const name of world.names) {
    const record = await world.cluster(name);
    if (record) uids.set(record.uid, name);
  }
  for (const fork of world.forks()) fail(`${flow.name} etcd`, `two clusters were alive at the same time: ${fork}`);
  for (const left of await incompleteBackups(world.cloud)) fail(`${flow.name} bucket`, left);
  for (const twin of findTwins(resources)) fail(`${flow.name} account`, twin);
  for (const orphan of findOrphans(resources, world.before, uids)) fail(`${flow.name} account`, orphan);
  for (const [uid, name] of uids) {
    if (!done.has(name)) continue;
    const wrong = difference(shape, shapeOf(resources, uid));
    if (wrong.length > 0) fail(done.get(name) ?? name, wrong.join("; "));
  }
  return { failures, missed };
}

/** Resolves with whether the fault struck. */
async function runOnce(world: World, flow: Flow, name: string, { point, side }: Run): Promise<boolean> {
  const { faults } = world.cloud;
  const { id } = await faults.begin({
    kind: "lambda",
    action: side,
    function: point.function,
    operation: point.operation,
    call: point.call,
    nth: point.nth,
    count: 1,
    match: await flow.subjects(world, name),
  });
  try {
    await untilDone(world, name, await flow.begin(world, name));
    await requireCheck(world, flow, name);
  } finally {
    await faults.end(id);
  }
  return faults.list().some((fault) => fault.id === id && fault.strikes > 0);
}

async function requireCheck(world: World, flow: Flow, name: string): Promise<void> {
  const wrong = (await flow.check?.(world, name)) ?? [];
  if (wrong.length > 0) throw new Error(wrong.join("; "));
}

/** The local clouds of a crash sweep, one after the other. */
class Worlds {
  readonly #log: (line: string) => void;
  #world: World | undefined;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  async current(): Promise<World> {
    this.#world ??= await openWorld(this.#log);
    return this.#world;
  }

  async next(): Promise<World> {
    await this.close();
    return await this.current();
  }

  async close(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.[Symbol.asyncDispose]();
  }
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** Some of them, chosen by the seed. */
function draw<T>(items: readonly T[], size: number, seed: number): T[] {
  const random = randomFrom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, size)
    .map(({ item }) => item);
}
