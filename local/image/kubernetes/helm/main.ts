import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { runCommand, UsageError } from "../common/command.ts";
import { objectsOfChart, standInFor, standsFor } from "./charts.ts";

const STANDARD_INPUT = 0;
const VERSION = "v4 (stand-in of the local cloud)";

/** `helm template NAME FILE` for the charts that are known; the file is one of the stand-in of curl, and says whose it is. */
async function main(argv: string[]): Promise<number> {
  const { values: flags, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      "include-crds": { type: "boolean" },
      "kube-version": { type: "string" },
      namespace: { type: "string", short: "n", default: "default" },
      "no-hooks": { type: "boolean" },
      values: { type: "string", short: "f" },
    },
  });
  const [command, name, file, ...rest] = positionals;
  if (command === "version") return print(`${VERSION}\n`);
  // Of no Helm: what the stand-in of curl brings.
  if (command === "stand-in" && name !== undefined) return print(standInFor(name));
  if (command !== "template") throw new UsageError(`unknown command "${command}" for the stand-in of helm`);
  if (!name || !file || rest.length > 0) throw new UsageError('"helm template" requires a name and a chart');
  const values: unknown = flags.values === undefined ? {} : parse(readValues(flags.values));
  const objects = objectsOfChart(standsFor(readFileSync(file, "utf8")), { namespace: flags.namespace, values });
  return print(objects.map((object) => `---\n${stringify(object)}`).join(""));
}

function readValues(file: string): string {
  return readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

void runCommand("helm", main);
