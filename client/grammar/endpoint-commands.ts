import type { Command as CommanderCommand } from "commander";
import type { OutputFormat, Sink } from "./command.ts";
import { LIST_FORMATS, outputOption } from "./options.ts";

interface JoinOptions {
  readonly hub: string;
  readonly role: string;
  readonly region?: string;
  readonly yes?: true;
  readonly output: OutputFormat;
}

export function addEndpoints(fleet: CommanderCommand, sink: Sink): void {
  fleet
    .command("join")
    .description("register this Holdfast at a hub; without --yes, show the request and change nothing")
    .argument("<NAME>")
    .requiredOption("--hub <address>", "the API of the hub")
    .requiredOption("--role <arn>", "the role that lets the hub in: output HubAccessRoleArn of this stack")
    .option("--region <region>", "the Region of this Holdfast (the one in its address)")
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((endpoint: string, { hub, role, region, yes, output }: JoinOptions) =>
      sink.command({ kind: "join-hub", endpoint, hub, role, region: region ?? null, yes: yes ?? false, output }),
    );
  fleet
    .command("leave")
    .description("forget a Holdfast that has joined; its clusters stay as they are; without --yes, show it")
    .argument("<NAME>")
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((endpoint: string, { yes, output }: { yes?: true; output: OutputFormat }) =>
      sink.command({ kind: "leave-hub", endpoint, yes: yes ?? false, output }),
    );
}

export function addGetEndpoints(get: CommanderCommand, sink: Sink): void {
  get
    .command("endpoints")
    .description("the Holdfasts that have joined this one, their hub")
    .addOption(outputOption(LIST_FORMATS))
    .action(({ output }: { output: OutputFormat | "wide" }) => {
      const wide = output === "wide" ? { wide: true as const } : {};
      sink.command({ kind: "get-endpoints", endpoint: null, output: output === "wide" ? "table" : output, ...wide });
    });
}
