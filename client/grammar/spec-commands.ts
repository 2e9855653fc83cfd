import { type Command as CommanderCommand, Option } from "commander";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import type { OutputFormat, Sink } from "./command.ts";
import { outputOption, recorded, waitOption } from "./options.ts";
import { CHANGE_OPTIONS, HIDDEN_SPEC_OPTIONS, SPEC_OPTIONS } from "./spec-options.ts";

export function addCreate(program: CommanderCommand, sink: Sink): void {
  const create = program
    .command("create")
    .description("create a cluster")
    .command("cluster")
    .description(
      "create a cluster, or continue with a creation of the same spec that stopped; without --yes, show the plan and change nothing",
    );
  create
    .option("--from-backup <backup>", "begin with a backup's data: ID or latest of the same name, or CLUSTER/ID")
    .addOption(
      new Option(
        "--takeover",
        "the backup's cluster is permanently gone: keep its authorities, tokens and kubeconfigs",
      ).conflicts("copy"),
    )
    .addOption(new Option("--copy", "not built yet").hideHelp());
  addSpecCommand(create, sink, "create-cluster", {
    yes: "do it",
    dryRun: "print spec and plan without contacting anything",
    wait: "wait until the cluster is active",
  });
}

export function addUpdate(program: CommanderCommand, sink: Sink): void {
  const update = program
    .command("update")
    .description("change a cluster, or continue with a creation that stopped")
    .command("cluster")
    .description("bring a cluster to its spec with the given fields changed; without --yes, show what would change");
  addSpecCommand(update, sink, "update-cluster", {
    yes: "do it",
    dryRun: "print what would change",
    wait: "wait until it is done",
  });
}

/** A command whose flags are those of a spec. */
function addSpecCommand(
  command: CommanderCommand,
  sink: Sink,
  kind: "create-cluster" | "update-cluster",
  says: { readonly yes: string; readonly dryRun: string; readonly wait: string },
): void {
  const flags: RawFlag[] = [];
  command.argument("[NAME...]", "name of the cluster, such as prod.example.com");
  for (const [spelling, description] of SPEC_OPTIONS) {
    const change = CHANGE_OPTIONS.get(spelling);
    // What cannot be changed is understood, so that its refusal can say why.
    if (kind === "create-cluster") command.addOption(recorded(spelling, description, flags));
    else command.addOption(recorded(spelling, change ?? "", flags).hideHelp(change === undefined));
  }
  for (const spelling of HIDDEN_SPEC_OPTIONS) command.addOption(recorded(spelling, "", flags).hideHelp());
  command
    .option("-f, --filename <file>", "read the spec from a YAML or JSON file in place of flags")
    .option("-y, --yes", says.yes)
    .option("--dry-run", says.dryRun)
    .addOption(waitOption(says.wait))
    .addOption(outputOption())
    .allowUnknownOption()
    .action((words: string[], options: SpecCommandOptions & FromBackupOptions & { filename?: string }) => {
      const rest = [...readRest(words, flags), ...flags];
      if (options.filename !== undefined && rest.length > 0) {
        command.error("error: option '--filename' cannot be combined with flags of the spec", {
          code: "holdfast.filename",
        });
      }
      const given = { flags: rest, filename: options.filename ?? null, ...commonOf(options) };
      sink.command(
        kind === "update-cluster" ? { kind, ...given } : { kind, ...given, ...fromBackupOf(options, command) },
      );
    });
}

/** What a new cluster begins with. */
function fromBackupOf({ fromBackup, takeover, copy }: FromBackupOptions, command: CommanderCommand) {
  if (fromBackup === undefined) {
    if (takeover || copy) command.error("error: say which backup: --from-backup ID, or --from-backup CLUSTER/ID");
    return {};
  }
  const mode = takeover ? ({ mode: "takeover" } as const) : copy ? ({ mode: "copy" } as const) : {};
  return { fromBackup: { source: fromBackup, ...mode } };
}

interface FromBackupOptions {
  readonly fromBackup?: string;
  readonly takeover?: true;
  readonly copy?: true;
}

/** Names, and flags that nobody knows, each with the word after it. */
function readRest(words: readonly string[], flags: readonly RawFlag[]): RawFlag[] {
  const found: RawFlag[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const [flag = "", joined] = word.split(/=(.*)/s);
    const next = words[index + 1];
    if (!word.startsWith("-")) found.push({ flag: "NAME", value: word });
    else if (joined !== undefined || next === undefined || next.startsWith("-")) {
      found.push({ flag, value: joined ?? "" });
    } else {
      found.push({ flag, value: next });
      index++;
    }
  }
  const last = found.at(-1);
  const isNamed = [...found, ...flags].some(({ flag }) => flag === "NAME" || flag === "--name");
  if (isNamed || last === undefined || last.value === "" || last.value !== words.at(-1)) return found;
  // Nothing else can be the name.
  return [...found.slice(0, -1), { flag: last.flag, value: "" }, { flag: "NAME", value: last.value }];
}

interface SpecCommandOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly wait?: number;
  readonly output: OutputFormat;
}

function commonOf({ yes, dryRun, wait, output }: SpecCommandOptions) {
  return { problems: [], yes: yes ?? false, dryRun: dryRun ?? false, waitMs: wait ?? null, output };
}

export function addScale(program: CommanderCommand, sink: Sink): void {
  const flags: RawFlag[] = [];
  program
    .command("scale")
    .description("change the number of nodes")
    .command("nodes")
    .description("change the number of nodes; without --yes, show what would change")
    .argument("<NAME>")
    .addOption(recorded("--count <number>", "number of nodes, spread over the zones", flags).makeOptionMandatory())
    .option("-y, --yes", "do it")
    .option("--dry-run", "print what would change")
    .addOption(waitOption("wait until it is done"))
    .addOption(outputOption())
    .action((name: string, options: SpecCommandOptions) => {
      const named = { flag: "NAME", value: name };
      sink.command({ kind: "update-cluster", flags: [named, ...flags], filename: null, ...commonOf(options) });
    });
}
