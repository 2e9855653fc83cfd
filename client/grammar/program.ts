import { Command as CommanderCommand } from "commander";
import { ClusterViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { addBackup, addDescribe, addDrill, addGetBackups, addPin } from "./backup-commands.ts";
import type { GetList, OutputFormat, Sink } from "./command.ts";
import { addConsole } from "./console-command.ts";
import { addCredential } from "./credential-command.ts";
import { addGetEndpoints } from "./endpoint-commands.ts";
import { EXAMPLES } from "./examples.ts";
import { addExport } from "./export-command.ts";
import { addFleet, addGetFleets, addValidateFleet } from "./fleet-commands.ts";
import { addMigrate } from "./migrate-command.ts";
import { LIST_FORMATS, outputOption, waitOption } from "./options.ts";
import { addRestore } from "./restore-command.ts";
import { addGetRollouts } from "./rollout-commands.ts";
import { addCreate, addScale, addUpdate } from "./spec-commands.ts";

/** Where words come from. Both understand the same; each shows in its help what it can do. */
export type Medium = "terminal" | "chat";

/**
 * A commander program for one parse. It never touches the process: it throws `CommanderError` and writes to the sink.
 */
export function buildProgram(sink: Sink, medium: Medium = "terminal"): CommanderCommand {
  const program = new CommanderCommand(medium === "chat" ? "/holdfast" : "holdfast")
    .description("Highly available Kubernetes clusters on AWS that heal themselves")
    .configureHelp(medium === "chat" ? CHAT_HELP : {})
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
  addMigrate(program, sink);
  addGet(program, sink);
  addValidate(program, sink);
  addDelete(program, sink);
  addRestore(program, sink);
  addBackup(program, sink);
  addDrill(program, sink);
  addDescribe(program, sink);
  addPin(program, sink);
  addFleet(program, sink);
  addExport(program, sink);
  addCredential(program, sink);
  addConsole(program, sink);
  addPassedThrough(program, sink, "local", "run the local cloud, or reach into it (local --help)");
  addDemo(program, sink);
  addCompletion(program, sink);
  for (const [path, lines] of Object.entries(EXAMPLES)) {
    addExamples(program, path.split(" "), medium === "chat" ? lines.flatMap(exampleForChat) : lines);
  }
  if (medium === "chat") describeForChat(program);
  return program;
}

/** Without what a button does there. */
function describeForChat(command: CommanderCommand): void {
  command.description(command.description().replace(/; without --yes, .*$/, ""));
  command.commands.forEach(describeForChat);
}

/** What needs this machine, or is secret. */
const NOT_IN_CHAT = new Set([
  ...["local", "demo", "completion", "console", "credential", "export", "join", "register", "version"],
]);
/** A chat asks by a button, shows progress by itself, and has no files. */
const NO_CHAT_OPTIONS = new Set(["--yes", "--wait", "--follow", "--filename", "--version"]);

const CHAT_HELP: ReturnType<CommanderCommand["configureHelp"]> = {
  visibleCommands: (command) => command.commands.filter((each) => !NOT_IN_CHAT.has(each.name())),
  visibleOptions: (command) =>
    command.options.filter(({ hidden, long }) => !hidden && !(long && NO_CHAT_OPTIONS.has(long))),
};

function exampleForChat(line: string): string[] {
  return / -f /.test(line) ? [] : [line.replace(/ --(?:yes|wait|follow)(?: \d+[smh])?(?= |$)/g, "")];
}

function addExamples(program: CommanderCommand, path: readonly string[], lines: readonly string[]): void {
  const found = path.reduce<CommanderCommand | undefined>(
    (command, word) => command?.commands.find((candidate) => candidate.name() === word),
    program,
  );
  if (lines.length > 0)
    found?.addHelpText("after", `\nExamples:\n${lines.map((line) => `  ${program.name()} ${line}`).join("\n")}`);
}

interface Filter {
  /** Commander names an option `--name-prefix` as the API does its parameter: `namePrefix`. */
  readonly flags: string;
  readonly description: string;
  readonly values?: readonly string[];
}

const FILTERS: Readonly<Partial<Record<GetList["kind"], readonly Filter[]>>> = {
  "get-clusters": [
    {
      flags: "--status <status>",
      description: "only clusters with this status",
      values: ClusterViewSchema.shape.status.options,
    },
    { flags: "--name-prefix <text>", description: "only clusters whose names begin so" },
    {
      flags: "-l, --selector <selector>",
      description: "only clusters with such labels: env=prod,tier in (1,2),!legacy",
    },
  ],
  "get-operations": [
    {
      flags: "--status <status>",
      description: "only operations with this status",
      values: OperationViewSchema.shape.status.options,
    },
  ],
  "get-events": [
    { flags: "--since <time>", description: "only events of this moment or later, such as 2026-11-25T10:00:00Z" },
    { flags: "--type <type>", description: "only events of this type, such as master-lost" },
  ],
};

const LISTS = [
  ["clusters", "cluster", "get-clusters", "clusters, or one of them"],
  ["members", "member", "get-members", "members of etcd with their masters, of all clusters or of one"],
  ["nodes", "node", "get-nodes", "nodes of all clusters, or of one"],
  ["nodegroups", "nodegroup", "get-nodegroups", "groups of nodes, one a zone, of all clusters or of one"],
  ["operations", "operation", "get-operations", "operations of all clusters, of one, or one by its id"],
  ["events", "event", "get-events", "what happened to all clusters, or to one"],
] as const;

function addGet(program: CommanderCommand, sink: Sink): void {
  const get = program
    .command("get")
    .description("show clusters, members, nodes, node groups, operations, events, backups, fleets or roll-outs");
  for (const [plural, singular, kind, description] of LISTS) {
    const command = get.command(plural).alias(singular).description(description).argument("[NAME]");
    for (const { flags, description: meaning, values } of FILTERS[kind] ?? []) {
      const option = command.createOption(flags, meaning);
      command.addOption(values ? option.choices(values) : option);
    }
    if (kind === "get-operations") command.option("--follow", "show the progress of the newest until it ends");
    command
      .addOption(outputOption(LIST_FORMATS))
      .action((name: string | undefined, { output, follow, ...filters }: GetOptions) =>
        sink.command({
          kind,
          name: name ?? null,
          output: output === "wide" ? "table" : output,
          ...(output === "wide" && { wide: true }),
          ...(follow && { follow }),
          ...(Object.keys(filters).length > 0 ? { filters } : {}),
        }),
      );
  }
  addGetBackups(get, sink);
  addGetFleets(get, sink);
  addGetEndpoints(get, sink);
  addGetRollouts(get, sink);
}

type GetOptions = { readonly output: OutputFormat | "wide"; readonly follow?: true } & Readonly<Record<string, string>>;

function addValidate(program: CommanderCommand, sink: Sink): void {
  const validate = program.command("validate").description("check a cluster, or a fleet");
  addValidateFleet(validate, sink);
  validate
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

function addDemo(program: CommanderCommand, sink: Sink): void {
  program
    .command("demo")
    .description("create a cluster in a local cloud, kill a master, watch it heal")
    .option("--json", "print what was measured as JSON")
    .option("--fleet", "two clusters in two Regions instead: one dies whole, and the fleet's name leads to the other")
    .action(({ json, fleet }: { json?: true; fleet?: true }) =>
      sink.command({ kind: "demo", args: [...(json ? ["--json"] : []), ...(fleet ? ["--fleet"] : [])] }),
    );
}

export const SHELLS = ["bash", "zsh", "fish", "powershell"];

function addCompletion(program: CommanderCommand, sink: Sink): void {
  const command = program.command("completion");
  command
    .description("print the script by which a shell completes commands: source <(npx holdfast completion bash)")
    .addArgument(command.createArgument("<shell>", "the shell that sources it").choices(SHELLS))
    .action((shell: string) => sink.command({ kind: "completion", args: [shell] }));
}

function addPassedThrough(program: CommanderCommand, sink: Sink, kind: "local", description: string): void {
  program
    .command(kind)
    .description(description)
    .argument("[ARGS...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[]) => sink.command({ kind, args }));
}
