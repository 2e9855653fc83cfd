import { parseArgs } from "node:util";
import buildProduct from "../build-product.ts";
import { CREATE } from "../create.ts";
import { startScenario } from "../scenario.ts";
import { render, runConsistency } from "./run.ts";

/**
 * `npm run consistency -- --seed N --seconds S`: exit code 0 if the history is linearizable and every invariant held.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: `${Date.now() % 1_000_000}` },
    seconds: { type: "string", default: "120" },
    clients: { type: "string", default: "6" },
  },
});
const seed = Number(values.seed);
function say(line: string): void {
  console.log(line);
}

say(`seed ${seed}; the same faults again: npm run consistency -- --seed ${seed} --seconds ${values.seconds}`);

await buildProduct();
await using scenario = await startScenario();
const name = "consistency.example.com";
const created = await scenario.holdfast(...CREATE, name, "--yes", "--wait");
if (created.code !== 0) throw new Error(created.stderr);
const options = { seed, seconds: Number(values.seconds), clients: Number(values.clients), say };
const report = await runConsistency(scenario, name, options);
say(render(report));
process.exitCode =
  report.result.kind === "linearizable" && report.violations.length === 0 && report.healthy === 3 ? 0 : 1;
