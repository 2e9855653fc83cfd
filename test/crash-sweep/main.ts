import { parseArgs } from "node:util";
import buildProduct from "../support/build-product.ts";
import { FLOWS } from "./flows.ts";
import { crashSweep, SIDES } from "./sweep.ts";

const USAGE = "usage: npm run crash-sweep -- [--flow NAME] [--sample N] [--seed S] [--side SIDE] [--at-once N]";

/** Crash sweep of all flows, or those whose name begins so; prints what it finds as it goes. Exit code 1 if anything was wrong. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      flow: { type: "string", default: "" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      side: { type: "string", multiple: true },
      "at-once": { type: "string", default: "3" },
    },
  });
  const flows = FLOWS.filter(({ name }) => name.startsWith(values.flow));
  const sides = SIDES.filter((side) => values.side?.includes(side) ?? true);
  if (flows.length === 0 || sides.length === 0) {
    console.error(`${USAGE}\nflows: ${FLOWS.map(({ name }) => name).join(", ")}; sides: ${SIDES.join(", ")}`);
    process.exit(2);
  }
  await buildProduct();
  let failed = false;
  for (const flow of flows) {
    const sample = values.sample === undefined ? {} : { sample: Number(values.sample) };
    const concurrency = Number(values["at-once"]);
    const report = await crashSweep({
      flow,
      sides,
      seed: Number(values.seed),
      concurrency,
      log: console.error,
      ...sample,
    });
    console.log(JSON.stringify({ flow: flow.name, ...report }, null, 1));
    failed ||= report.failures.length > 0;
  }
  process.exit(failed ? 1 : 0);
}

await main();
