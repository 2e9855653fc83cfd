import { Command as CommanderCommand, InvalidArgumentError, Option } from "commander";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import { type Command, type GetList, OUTPUT_FORMATS, type OutputFormat } from "./command.ts";
import { EXAMPLES } from "./examples.ts";
import { HIDDEN_SPEC_OPTIONS, SPEC_OPTIONS } from "./spec-options.ts";
import { parseDuration } from "./typed-text.ts";

export const DEFAULT_WAIT = "10m";
/** As kops. */
export const DEFAULT_ADMIN = "18h";

/** What a parse delivers. */
export interface Sink {
  command(command: Command): void;
  /** Text that commander would have written to the terminal. */
  write(text: string): void;
}

/**
 * A commander program for one parse. It never touches the process: it throws `CommanderError` and writes to the sink.
 */
export function buildProgram(sink: Sink): CommanderCommand {
  const program = new CommanderCommand("holdfast")
    .description("Highly available Kubernetes clusters on AWS that heal themselves")
    .exitOverride()
    .configureOutput({ writeOut: sink.write, writeErr: sink.write, getOutHasColors: () => false })
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .helpCommand("help [command]", "show the usage of a command");
  program
    .command("version")
    .description("print the version")
    .action(() => sink.command({ kind: "version" }));
  program.option("-V, --version", "print the version").on("option:version", () => sink.command({ kind: "version" }));
  addCreate(program, sink);
  addUpdate(program, sink);
  addScale(program, sink);
  addGet(program, sink);
  addValidate(program, sink);
  addDelete(program, sink);
  addExport(program, sink);
  addPassedThrough(program, sink, "local", "run the local cloud, or reach into it (local --help)");
  addPassedThrough(program, sink, "demo", "create a cluster in a local cloud, kill a master, watch it heal");
  addPassedThrough(program, sink, "completion", "print what lets a shell complete commands: completion bash|zsh|fish");
  for (const [path, lines] of Object.entries(EXAMPLES)) addExamples(program, path.split(" "), lines);
  return program;
}

function addExamples(program: CommanderCommand, path: readonly string[], lines: readonly string[]): void {
  const found = path.reduce<CommanderCommand | undefined>(
    (command, word) => command?.commands.find((candidate) => candidate.name() === word),
    program,
  );
  found?.addHelpText("after", `\nExamples:\n${lines.map((line) => `  ${program.name()} ${line}`).join("\n")}`);
}

function addCreate(program: CommanderCommand, sink: Sink): void {
  const create = program
    .command("create")
    .description("create a cluster")
    .command("cluster")
    .description(
      "create a cluster, or continue with a creation of the same spec that stopped; without --yes, show the plan and change nothing",
    );
  addSpecCommand(create, sink, "create-cluster", {
    yes: "do it",
    dryRun: "print spec and plan without contacting anything",
    wait: "wait until the cluster is active",
  });
}

function addUpdate(program: CommanderCommand, sink: Sink): void {
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
  for (const [spelling, description] of SPEC_OPTIONS) command.addOption(recorded(spelling, description, flags));
  for (const spelling of HIDDEN_SPEC_OPTIONS) command.addOption(recorded(spelling, "", flags).hideHelp());
  command
    .option("-f, --filename <file>", "read the spec from a YAML or JSON file in place of flags")
    .option("-y, --yes", says.yes)
    .option("--dry-run", says.dryRun)
    .addOption(waitOption(says.wait))
    .addOption(outputOption())
    .action((names: string[], options: SpecCommandOptions & { filename?: string }) => {
      if (names.length > 1) command.error(`error: ${surplus(names)}`, { code: "holdfast.surplus" });
      const named = names.map((value) => ({ flag: "NAME", value }));
      if (options.filename !== undefined && named.length + flags.length > 0) {
        command.error("error: option '--filename' cannot be combined with flags of the spec", {
          code: "holdfast.filename",
        });
      }
      const filename = options.filename ?? null;
      sink.command({ kind, flags: [...named, ...flags], filename, ...commonOf(options) });
    });
}

interface SpecCommandOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly wait?: number;
  readonly output: OutputFormat;
}

function commonOf({ yes, dryRun, wait, output }: SpecCommandOptions) {
  return { yes: yes ?? false, dryRun: dryRun ?? false, waitMs: wait ?? null, output };
}

function addScale(program: CommanderCommand, sink: Sink): void {
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

/** Commander names an option `--name-prefix` as the API does its parameter: `namePrefix`. */
const FILTERS: Readonly<Record<GetList["kind"], readonly (readonly [flags: string, description: string])[]>> = {
  "get-clusters": [
    ["--status <status>", "only clusters with this status, such as DEGRADED"],
    ["--name-prefix <text>", "only clusters whose names begin so"],
  ],
  "get-operations": [["--status <status>", "only RUNNING, SUCCEEDED or FAILED ones"]],
  "get-events": [
    ["--since <time>", "only events of this moment or later, such as 2026-11-25T10:00:00Z"],
    ["--type <type>", "only events of this type, such as master-lost"],
  ],
};

function addGet(program: CommanderCommand, sink: Sink): void {
  const get = program.command("get").description("show clusters, operations or events");
  const kinds = [
    ["clusters", "cluster", "get-clusters", "clusters, or one of them"],
    ["operations", "operation", "get-operations", "operations of all clusters, of one, or one by its id"],
    ["events", "event", "get-events", "what happened to all clusters, or to one"],
  ] as const;
  for (const [plural, singular, kind, description] of kinds) {
    const command = get.command(plural).alias(singular).description(description).argument("[NAME]");
    for (const [flags, meaning] of FILTERS[kind]) command.option(flags, meaning);
    command
      .addOption(outputOption())
      .action((name: string | undefined, { output, ...filters }: { output: OutputFormat } & Record<string, string>) =>
        sink.command({
          kind,
          name: name ?? null,
          output,
          ...(Object.keys(filters).length > 0 ? { filters } : {}),
        }),
      );
  }
}

function addValidate(program: CommanderCommand, sink: Sink): void {
  program
    .command("validate")
    .description("check a cluster")
    .command("cluster")
    .description("ask etcd and the nodes; succeeds only when every member and node is healthy")
    .argument("<NAME>")
    .addOption(waitOption("keep asking until it is so"))
    .addOption(outputOption())
    .action((name: string, options: { wait?: number; output: OutputFormat }) =>
      sink.command({ kind: "validate-cluster", name, waitMs: options.wait ?? null, output: options.output }),
    );
}

function addDelete(program: CommanderCommand, sink: Sink): void {
  program
    .command("delete")
    .description("delete a cluster")
    .command("cluster")
    .description("delete a cluster with all that it owns; without --yes, show what that is and change nothing")
    .argument("<NAME>")
    .option("-y, --yes", "do it")
    .option("--final-snapshot", "keep a snapshot of one member's etcd volume")
    .addOption(waitOption("wait until the cluster is gone"))
    .addOption(outputOption())
    .action((name: string, options: { yes?: true; finalSnapshot?: true; wait?: number; output: OutputFormat }) =>
      sink.command({
        kind: "delete-cluster",
        name,
        yes: options.yes ?? false,
        finalSnapshot: options.finalSnapshot ?? false,
        waitMs: options.wait ?? null,
        output: options.output,
      }),
    );
}

function addExport(program: CommanderCommand, sink: Sink): void {
  program
    .command("export")
    .description("write a kubeconfig")
    .command("kubeconfig")
    .description(
      "become an administrator in a cluster for some hours: merge its endpoint and a fresh certificate into the kubeconfig; with -o json or yaml, print it",
    )
    .argument("<NAME>")
    .addOption(durationOption("--admin [duration]", `how long the certificate is good for (${DEFAULT_ADMIN})`))
    .option("--kubeconfig <file>", "file to merge it into (the first of KUBECONFIG, or ~/.kube/config)")
    .addOption(outputOption())
    .action((name: string, options: { admin?: number; kubeconfig?: string; output: OutputFormat }) =>
      sink.command({
        kind: "export-kubeconfig",
        name,
        validMs: options.admin ?? null,
        kubeconfig: options.kubeconfig ?? null,
        output: options.output,
      }),
    );
}

function addPassedThrough(
  program: CommanderCommand,
  sink: Sink,
  kind: "local" | "demo" | "completion",
  description: string,
): void {
  program
    .command(kind)
    .description(description)
    .argument("[ARGS...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[]) => sink.command({ kind, args }));
}

/** Keeps the flag as it was spelled, so that a problem can be reported under the name that the user knows. */
function recorded(spelling: string, description: string, flags: RawFlag[]): Option {
  const flag = spelling.slice(0, spelling.indexOf(" "));
  return new Option(spelling, description).argParser((value) => {
    flags.push({ flag, value });
    return value;
  });
}

function waitOption(description: string): Option {
  return durationOption("--wait [duration]", `${description} (${DEFAULT_WAIT})`);
}

function durationOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string) => {
    const milliseconds = parseDuration(value);
    if (milliseconds === undefined) throw new InvalidArgumentError("expected a duration such as 90s or 10m");
    return milliseconds;
  });
}

function outputOption(): Option {
  return new Option("-o, --output <format>", "form of the output").choices(OUTPUT_FORMATS).default("table");
}

function surplus(names: readonly string[]): string {
  const hint = names.some((name) => name === "true" || name === "false") ? " (write --yes, not --yes true)" : "";
  return `one cluster name is expected, but ${names.join(", ")} were given${hint}`;
}
