import { parseArgs } from "node:util";

/**
 * `npm run demo`: an HA cluster, its leader killed, its return. With `--fleet` two clusters in two Regions, one of which
 * dies whole. Exit code 0 only if all of that was observed.
 */
const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, fleet: { type: "boolean", default: false } },
});
const { json } = values;
process.exitCode = values.fleet
  ? await (await import("./demo/run-fleet-demo.ts")).runFleetDemo({ json })
  : await (await import("./demo/run-demo.ts")).runDemo({ json });
