import { type Command as CommanderCommand, InvalidArgumentError } from "commander";
import type { OutputFormat, Sink } from "./command.ts";
import { listed, outputOption, waitOption } from "./options.ts";

export function addMigrate(program: CommanderCommand, sink: Sink): void {
  program
    .command("migrate")
    .description("change how many masters there are, or their zones")
    .command("cluster")
    .description("bring the masters to these zones, one at a time; without --yes, show the plan and change nothing")
    .argument("<NAME>")
    .requiredOption("--master-zones <list>", "zones of the masters, one each: us-west-2a,us-west-2b,us-west-2c", listed)
    .option("--master-count <number>", "number of masters, odd, spread over these zones", counted)
    .option("--master-size <type>", "instance type of masters that are launched from now on")
    .option("--no-roll", "do not replace masters that stay")
    .option("-y, --yes", "do it")
    .addOption(waitOption("wait until it is done"))
    .addOption(outputOption())
    .action((name: string, options: MigrateOptions, command: CommanderCommand) => {
      const { masterZones: zones, masterCount: count = zones.length } = options;
      if (zones.length === 0)
        command.error("error: --master-zones names no zone; expected such as us-west-2a,us-west-2b,us-west-2c");
      if (count < zones.length)
        command.error(
          `error: --master-count ${count} is less than the ${zones.length} zones of --master-zones: name the zones that are to have a master`,
        );
      sink.command({
        kind: "migrate-cluster",
        name,
        masterZones: Array.from({ length: count }, (_, index) => zones[index % zones.length] ?? ""),
        masterSize: options.masterSize ?? null,
        noRoll: !options.roll,
        yes: options.yes ?? false,
        waitMs: options.wait ?? null,
        output: options.output,
      });
    });
}

/** Far above what the API takes, which names what is wrong. */
const MAX_MASTERS = 26;

function counted(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MAX_MASTERS) throw new InvalidArgumentError("expected 1, 3, 5 or 7");
  return count;
}

interface MigrateOptions {
  readonly masterZones: readonly string[];
  readonly masterCount?: number;
  readonly masterSize?: string;
  readonly roll: boolean;
  readonly yes?: true;
  readonly wait?: number;
  readonly output: OutputFormat;
}
