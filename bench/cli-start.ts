import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { describeMachine } from "./machine.ts";

/**
 * `npm run bench:cli`: how long commands of the npm package take, as multiples of Node's own start (`node -e 0`). Both
 * run in turn, pair by pair, so that a ratio holds where the machine's speed changes. Exit code 1 above a limit.
 */

const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const CREATE = [
  "create",
  "cluster",
  "--zones",
  ZONES,
  "--master-zones",
  ZONES,
  "--node-count",
  "3",
  "prod.example.com",
];
/** Multiples of `node -e 0`. A dry run contacts nothing, so all of its time is the process's own. */
const COMMANDS = [
  { name: "version", args: ["version"], limit: 2 },
  { name: "create cluster --dry-run", args: [...CREATE, "--dry-run"], limit: 4 },
  { name: "create cluster --dry-run -o json", args: [...CREATE, "--dry-run", "-o", "json"], limit: 4 },
] as const;

interface Ratio {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Time on the wall from the start of the process to its end. */
function timeOf(args: readonly string[], environment: NodeJS.ProcessEnv): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { env: environment });
  const took = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return took;
}

function ratioOf(pairs: readonly (readonly [ours: number, node: number])[]): Ratio {
  const sorted = pairs
    .map(([ours, node]) => Math.round((ours / node) * 100) / 100)
    .toSorted((one, other) => one - other);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return { median: at(Math.floor((sorted.length - 1) / 2)), min: at(0), max: at(sorted.length - 1) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "21" }, name: { type: "string", default: "cli-start" } },
  });
  const root = join(import.meta.dirname, "..");
  const prefix = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
  try {
    const tarball = execFileSync(process.execPath, [join(root, "scripts/package.ts")], { encoding: "utf8" }).trim();
    execFileSync("npm", [
      "install",
      "--global",
      "--offline",
      "--prefix",
      prefix,
      "--cache",
      join(prefix, "cache"),
      tarball,
    ]);
    const program = join(prefix, "lib/node_modules/holdfast/holdfast.cjs");
    const environment = { PATH: process.env["PATH"], HOME: prefix };
    const commands = COMMANDS.map(({ name, args, limit }) => {
      // The first run compiles, and keeps what it compiled.
      const first = timeOf([program, ...args], environment) / timeOf(["-e", "0"], environment);
      const pairs = Array.from(
        { length: Number(values.runs) },
        () => [timeOf([program, ...args], environment), timeOf(["-e", "0"], environment)] as const,
      );
      return { name, limit, first: Math.round(first * 100) / 100, ratio: ratioOf(pairs) };
    });
    const table = new Table({
      head: ["command", "median", "min", "max", "first run", "limit"],
      style: { head: [], border: [] },
    });
    for (const { name, ratio, first, limit } of commands)
      table.push([name, ratio.median, ratio.min, ratio.max, first, limit]);
    console.log(table.toString());
    const file = join(import.meta.dirname, "results", `${values.name}.json`);
    await mkdir(dirname(file), { recursive: true });
    const result = { measuredAt: new Date().toISOString().slice(0, 10), machine: describeMachine(), commands };
    await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
    process.exitCode = commands.every(({ ratio, limit }) => ratio.median <= limit) ? 0 : 1;
  } finally {
    await rm(prefix, { recursive: true, force: true });
  }
}

await main();
