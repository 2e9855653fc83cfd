import { type Command as CommanderCommand, InvalidArgumentError, Option } from "commander";
import { ROLLOUT_ACTIONS } from "../../functions/domain/fleet/fleet-records.ts";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import type { OutputFormat, Sink } from "./command.ts";
import { counted, LIST_FORMATS, listed, minutes, outputOption, recorded } from "./options.ts";
import { CHANGE_OPTIONS } from "./spec-options.ts";

const MEANINGS: Readonly<Record<(typeof ROLLOUT_ACTIONS)[number], string>> = {
  pause: "begin with no further cluster; what runs ends",
  resume: "continue what is paused or stopped",
  retry: "change the clusters again that failed, and continue",
  rollback: "bring the former values back, to the clusters that were changed, in the same order",
  approve: "let the stage begin that waits for an approval",
  check: "report that a check has passed, or that it has failed and the roll-out is to stop",
  stop: "begin with no further cluster, and let other roll-outs have them; what runs ends",
};

export function addRollout(fleet: CommanderCommand, sink: Sink): void {
  const flags: RawFlag[] = [];
  const sets: string[] = [];
  const rollout = fleet
    .command("rollout")
    .description("change the clusters of a fleet stage by stage; without --yes, show the plan and change nothing")
    .argument("<NAME>");
  for (const [spelling, description] of CHANGE_OPTIONS)
    if (!spelling.startsWith("--name ")) rollout.addOption(recorded(spelling, description, flags));
  rollout
    .option("--set <field=value>", "any other field of the spec; may be repeated", (text: string) => {
      sets.push(text);
      return text;
    })
    .addOption(
      new Option("--strategy <file>", "stages in a YAML file, in place of the fleet's own").conflicts([
        ...["maxConcurrent", "maxFailures", "soak"],
      ]),
    )
    .option("--max-concurrent <number>", "clusters that change at once: a number, or a percentage (1)", concurrency)
    .option("--max-failures <number>", "with one failure more it stops (0)", counted)
    .option("--soak <duration>", "how long each cluster must stay healthy afterwards (0)", minutes)
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((name: string, options: RolloutOptions) =>
      sink.command({
        kind: "rollout-fleet",
        fleet: name,
        flags: [...flags],
        sets: [...sets],
        stage: stageOf(options),
        filename: options.strategy ?? null,
        yes: options.yes ?? false,
        output: options.output,
      }),
    );
  for (const action of ROLLOUT_ACTIONS) addAction(rollout, sink, action);
}

function addAction(rollout: CommanderCommand, sink: Sink, action: (typeof ROLLOUT_ACTIONS)[number]): void {
  const command = rollout
    .command(action)
    .description(MEANINGS[action])
    .argument("<NAME>", "name of the fleet, or id of the roll-out");
  if (action === "resume") command.option("--skip <list>", "clusters to leave out from now on", listed);
  if (action === "check")
    command
      .requiredOption("--name <name>", "name of the check, as the strategy has it")
      .addOption(new Option("--passed", "it has passed").conflicts("failed"))
      .addOption(new Option("--failed", "it has failed: the roll-out stops"))
      .option("--message <text>", "what is to be said of it");
  command
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((rollout: string, { skip, yes, output, ...result }: ActionOptions) => {
      const check = action === "check" ? { check: checkOf(result) } : {};
      sink.command({ kind: "act-rollout", rollout, action, skip: skip ?? [], ...check, yes: yes ?? false, output });
    });
}

export function addGetRollouts(get: CommanderCommand, sink: Sink): void {
  get
    .command("rollouts")
    .alias("rollout")
    .description("roll-outs of all fleets or of one, the newest first, or one by its id")
    .argument("[NAME]", "name of the fleet, or id of the roll-out")
    .addOption(outputOption(LIST_FORMATS))
    .action((name: string | undefined, { output }: { output: OutputFormat | "wide" }) => {
      const wide = output === "wide" ? { wide: true as const } : {};
      sink.command({
        kind: "get-rollouts",
        rollout: name ?? null,
        output: output === "wide" ? "table" : output,
        ...wide,
      });
    });
}

interface CheckOptions {
  readonly name?: string;
  readonly passed?: true;
  readonly failed?: true;
  readonly message?: string;
}

function checkOf({ name = "", passed, failed, message }: CheckOptions) {
  if (passed === failed) throw new InvalidArgumentError("say --passed or --failed");
  return { name, passed: passed ?? false, ...(message === undefined ? {} : { message }) };
}

interface ActionOptions extends CheckOptions {
  readonly skip?: readonly string[];
  readonly yes?: true;
  readonly output: OutputFormat;
}

interface RolloutOptions {
  readonly strategy?: string;
  readonly maxConcurrent?: number | string;
  readonly maxFailures?: number;
  readonly soak?: number;
  readonly yes?: true;
  readonly output: OutputFormat;
}

function concurrency(text: string): number | string {
  if (/^\d{1,3}%$/.test(text)) return text;
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("expected a number, or a percentage such as 25%");
  return Number(text);
}

/** One stage for all clusters; null if nothing was said. */
function stageOf({ maxConcurrent, maxFailures, soak }: RolloutOptions) {
  if (maxConcurrent === undefined && maxFailures === undefined && soak === undefined) return null;
  return {
    name: "all",
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(maxFailures === undefined ? {} : { maxFailures }),
    ...(soak === undefined ? {} : { soakMinutes: soak }),
  };
}
