import { Command, CommanderError, Option } from "commander";

/** What `holdfast local fault …` asks for. */
export type FaultCommand =
  | { readonly kind: "fault"; readonly words: FaultWords }
  | { readonly kind: "fault-list" }
  /** What faults there are: of one kind, or all. */
  | { readonly kind: "fault-kinds"; readonly of: string | undefined }
  /** All faults without an id. */
  | { readonly kind: "fault-clear"; readonly id: string | undefined };

export interface FaultWords {
  readonly kind: string;
  readonly action: string;
  readonly target: string | undefined;
  /** Further members of the fault, as JSON. */
  readonly json: string;
}

/** What `holdfast local …` asks for. */
export type LocalCommand =
  | { readonly kind: "run"; readonly args: readonly string[] }
  | { readonly kind: "etcdctl"; readonly cluster: string; readonly args: readonly string[] }
  /** Without a command the shell reads its lines from standard input. */
  | { readonly kind: "shell"; readonly cluster: string; readonly member: string; readonly args: readonly string[] }
  | { readonly kind: "seed"; readonly filename: string }
  | { readonly kind: "slack"; readonly line: string }
  | { readonly kind: "credentials" }
  /** A token for the local API; `claims` are further ones, such as groups. */
  | { readonly kind: "token"; readonly subject: string; readonly claims: Readonly<Record<string, string | string[]>> }
  | FaultCommand
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "bad-usage"; readonly text: string };

/** Words after `--` reach the program on the host untouched. */
export function parseLocalArguments(argv: readonly string[]): LocalCommand {
  let command: LocalCommand | undefined;
  let written = "";
  const write = (text: string) => {
    written += text;
  };
  const found = (result: LocalCommand) => {
    command = result;
  };
  const program = buildLocalProgram(found, write);
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: written };
    return { kind: "bad-usage", text: unknownCommand(program) ?? written };
  }
  return command ?? { kind: "help", text: program.helpInformation() };
}

/** The program runs without a command, so the parser takes a misspelt one for an argument too many. */
function unknownCommand({ args: [word], commands }: Command): string | undefined {
  const names = commands.map((command) => command.name());
  if (word === undefined || word.startsWith("-") || names.includes(word)) return undefined;
  return `error: unknown command '${word}'\n\nCommands: ${names.join(", ")}\n`;
}

/** The grammar of `holdfast local`, for one parse or for a shell that completes it. */
export function buildLocalProgram(
  found: (command: LocalCommand) => void,
  write: (text: string) => void = () => {},
): Command {
  const program = new Command("holdfast local")
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .description("run the local cloud in the foreground, or reach into the one that runs")
    .enablePositionalOptions()
    .addOption(new Option("--port <number>", "port of the API (4510); AWS's protocols are one above"))
    .addOption(new Option("--data <directory>", "keep the state there"))
    .addOption(new Option("--hosts <kind>", "what instances are").choices(["namespaces", "simulated"]))
    .action((options: { port?: string; data?: string; hosts?: string }) => {
      const { port, data, hosts } = options;
      const given = Object.entries({ "--port": port, "--data": data, "--hosts": hosts });
      found({ kind: "run", args: given.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])) });
    });
  addHostCommands(program, found);
  addAccountCommands(program, found);
  addFaultCommands(program, found);
  return program;
}

/** What runs on the hosts of a cluster. */
function addHostCommands(program: Command, found: (command: LocalCommand) => void): void {
  program
    .command("etcdctl <NAME> [ARGS...]")
    .description("run the real etcdctl against all members of a cluster")
    .passThroughOptions()
    .allowUnknownOption()
    .action((cluster: string, args: string[]) => found({ kind: "etcdctl", cluster, args: afterDashes(args) }));
  program
    .command("shell <NAME> <MEMBER> [CMD...]")
    .description("run a command on the host of a member")
    .passThroughOptions()
    .allowUnknownOption()
    .action((cluster: string, member: string, args: string[]) =>
      found({ kind: "shell", cluster, member, args: afterDashes(args) }),
    );
}

/** What belongs to the local account: its resources, chats and credentials. */
function addAccountCommands(program: Command, found: (command: LocalCommand) => void): void {
  program
    .command("seed <FILE>")
    .description("give the local account what a file lists: images, security groups, zones of DNS")
    .action((filename: string) => found({ kind: "seed", filename }));
  program
    .command("slack <LINE>")
    .description('what Slack would show for "/holdfast LINE" (docs/chat.md)')
    .action((line: string) => found({ kind: "slack", line }));
  program
    .command("credentials")
    .description('the operator\'s key of this run, for presigned requests: eval "$(holdfast local credentials)"')
    .action(() => found({ kind: "credentials" }));
  program
    .command("token")
    .description("print a token for the local API: export HOLDFAST_TOKEN=$(holdfast local token --role viewer)")
    .addOption(new Option("--role <role>", "viewer, operator or admin").choices(["viewer", "operator", "admin"]))
    .option("--subject <name>", "whose token it is", "local")
    .option("--groups <list>", "groups of the subject, separated by commas")
    .action(({ role, subject, groups }: { role?: string; subject: string; groups?: string }) =>
      found({
        kind: "token",
        subject,
        claims: { ...(role && { holdfast_role: role }), ...(groups && { groups: groups.split(",") }) },
      }),
    );
}

interface Json {
  readonly json: string;
}

function addFaultCommands(program: Command, found: (command: FaultCommand) => void): void {
  const fault = program
    .command("fault [KIND] [ACTION] [TARGET]")
    .description("provoke a fault (local/FAULTS.md); without words, list them")
    .option("--json <object>", "further members of the fault", "{}")
    .action((kind: string | undefined, action: string | undefined, target: string | undefined, { json }: Json) =>
      found(
        kind === undefined || action === undefined
          ? { kind: "fault-kinds", of: kind }
          : { kind: "fault", words: { kind, action, target, json } },
      ),
    );
  fault
    .command("list")
    .description("faults in force and past ones")
    .action(() => found({ kind: "fault-list" }));
  fault
    .command("clear [ID]")
    .description("end a fault, or all")
    .action((id: string | undefined) => found({ kind: "fault-clear", id }));
}

/** The `--` that separates our words from the program's is ours; any further one is the program's. */
function afterDashes(args: readonly string[]): readonly string[] {
  return args[0] === "--" ? args.slice(1) : args;
}
