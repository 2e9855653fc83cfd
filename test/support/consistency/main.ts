import { parseArgs } from "node:util";
import buildProduct from "../build-product.ts";
import { CREATE } from "../create.ts";
import { startScenario } from "../scenario.ts";
import { tormentMigrations } from "./migrations.ts";
import { render, runConsistency } from "./run.ts";

/**
 * `npm run consistency -- --seed N --seconds S`: exit code 0 if the history is linearizable and every invariant held.
 * With `--migrate` each fault strikes while three masters become five, or five become three.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    seconds: { type: "string", default: "120" },
    clients: { type: "string", default: "6" },
    migrate: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
function say(line: string): void {
  console.log(line);
}

const again = `--seed ${seed} --seconds ${values.seconds}${values.migrate ? " --migrate" : ""}`;
say(`seed ${seed}; the same faults again: npm run consistency -- ${again}`);

await buildProduct();
await using scenario = await startScenario();
const name = "consistency.example.com";
const created = await scenario.holdfast(...CREATE, name, "--yes", "--wait");
if (created.code !== 0) throw new Error(created.stderr);
const options = { seed, seconds: Number(values.seconds), clients: Number(values.clients), say };
const report = values.migrate
  ? await runConsistency(scenario, name, options, (arena) => tormentMigrations(arena, options))
  : await runConsistency(scenario, name, options);
say(render(report));
process.exitCode =
  report.result.kind === "linearizable" && report.violations.length === 0 && report.healthy === 3 ? 0 : 1;
