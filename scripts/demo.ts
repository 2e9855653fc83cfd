import { parseArgs } from "node:util";
import { runDemo } from "./demo/run-demo.ts";

/** `npm run demo`: an HA cluster, its leader killed, its return. Exit code 0 only if all of that was observed. */
const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
process.exitCode = await runDemo({ json: values.json });
