import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { runCommand, UsageError } from "../common/command.ts";
import { objectsOfChart } from "./charts.ts";

const STANDARD_INPUT = 0;
const VERSION = "v4 (stand-in of the local cloud)";

/** `helm template NAME CHART --repo URL --version V` for the charts that are known: no repository can be reached from a host. */
async function main(argv: string[]): Promise<number> {
  const { values: flags, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      "include-crds": { type: "boolean" },
      "kube-version": { type: "string" },
      namespace: { type: "string", short: "n", default: "default" },
      "no-hooks": { type: "boolean" },
      repo: { type: "string" },
      values: { type: "string", short: "f" },
      version: { type: "string" },
    },
  });
  const [command, name, chart, ...rest] = positionals;
  if (command === "version") return print(`${VERSION}\n`);
  if (command !== "template") throw new UsageError(`unknown command "${command}" for the stand-in of helm`);
  if (!name || !chart || rest.length > 0) throw new UsageError('"helm template" requires a name and a chart');
  if (!flags.repo || !/^v?[0-9]+\.[0-9]+\.[0-9]+$/.test(flags.version ?? ""))
    throw new UsageError("the stand-in of helm needs --repo and --version");
  const values: unknown = flags.values === undefined ? {} : parse(readValues(flags.values));
  const objects = objectsOfChart(chart, flags.repo, { namespace: flags.namespace, values });
  return print(objects.map((object) => `---\n${stringify(object)}`).join(""));
}

const readValues = (file: string): string => readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

void runCommand("helm", main);
