import { type Command as CommanderCommand, Option } from "commander";
import type { OutputFormat, Sink } from "./command.ts";
import { outputOption, waitOption } from "./options.ts";

export function addRestore(program: CommanderCommand, sink: Sink): void {
  program
    .command("restore")
    .description("restore a cluster from a backup, or from a member that is left")
    .command("cluster")
    .description("restore a cluster in place; without --yes, show what would be lost and change nothing")
    .argument("<NAME>")
    .addOption(new Option("--backup <id>", "a backup by its id, or latest").conflicts("fromSurvivor"))
    .option("--from-survivor [member]", "the data of a member that is left: the one that is furthest, or the named one")
    .option("--even-though-healthy", "go back in time although a majority is there")
    .option("--restart-all", "at the end, restart the workloads of all namespaces, not only those of kube-system")
    .option("-y, --yes", "do it")
    .addOption(waitOption("wait until the cluster is whole"))
    .addOption(outputOption())
    .action((name: string, options: RestoreOptions, command: CommanderCommand) => {
      if (options.backup === undefined && options.fromSurvivor === undefined)
        command.error("error: say what to restore from: --backup ID, --backup latest, or --from-survivor");
      sink.command({
        kind: "restore-cluster",
        name,
        backup: options.backup ?? null,
        survivor: options.fromSurvivor || null,
        evenThoughHealthy: options.evenThoughHealthy ?? false,
        restartAll: options.restartAll ?? false,
        yes: options.yes ?? false,
        waitMs: options.wait ?? null,
        output: options.output,
      });
    });
}

interface RestoreOptions {
  readonly backup?: string;
  /** Empty: the one that is furthest. */
  readonly fromSurvivor?: string;
  readonly evenThoughHealthy?: true;
  readonly restartAll?: true;
  readonly yes?: true;
  readonly wait?: number;
  readonly output: OutputFormat;
}
