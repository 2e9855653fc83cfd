import { Command as CommanderCommand } from "commander";
import type { GetList, OutputFormat, Sink } from "./command.ts";
import { EXAMPLES } from "./examples.ts";
import { DEFAULT_ADMIN, durationOption, outputOption, waitOption } from "./options.ts";
import { addCreate, addScale, addUpdate } from "./spec-commands.ts";

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
