import { type Command as CommanderCommand, Option } from "commander";
import type { OutputFormat, Sink } from "./command.ts";
import { DEFAULT_ADMIN, durationOption, outputOption } from "./options.ts";

export function addExport(program: CommanderCommand, sink: Sink): void {
  program
    .command("export")
    .description("write a kubeconfig")
    .command("kubeconfig")
    .description(
      "become an administrator in a cluster for some hours: merge its endpoint and a certificate into the kubeconfig, or print them with -o",
    )
    .argument("[NAME]")
    .addOption(new Option("--fleet <name>", "all clusters of a fleet, a context each").conflicts("selector"))
    .option("-l, --selector <selector>", "all clusters with such labels, a context each")
    .addOption(
      durationOption("--admin [duration]", `how long the certificate is good for, 10m to 7d (${DEFAULT_ADMIN})`),
    )
    .option("--exec", "write no certificate, but this program's call, which gets one whenever it is needed")
    .option("--kubeconfig <file>", "file to merge it into (the first of KUBECONFIG, or ~/.kube/config)")
    .addOption(outputOption())
    .action((name: string | undefined, options: ExportOptions, command: CommanderCommand) => {
      const given = [name, options.fleet, options.selector].filter((each) => each !== undefined);
      if (given.length !== 1) command.error("error: say which clusters: NAME, --fleet NAME, or --selector SELECTOR");
      sink.command({
        kind: "export-kubeconfig",
        name: name ?? null,
        fleet: options.fleet ?? null,
        selector: options.selector ?? null,
        validMs: options.admin ?? null,
        exec: options.exec ?? false,
        kubeconfig: options.kubeconfig ?? null,
        output: options.output,
      });
    });
}

interface ExportOptions {
  readonly fleet?: string;
  readonly selector?: string;
  readonly admin?: number;
  readonly exec?: true;
  readonly kubeconfig?: string;
  readonly output: OutputFormat;
}
