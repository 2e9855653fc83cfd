import { type Command as CommanderCommand, Option } from "commander";
import type { OutputFormat, Sink } from "./command.ts";
import { LIST_FORMATS, outputOption, waitOption } from "./options.ts";

export function addBackup(program: CommanderCommand, sink: Sink): void {
  program
    .command("backup")
    .description("take a backup")
    .command("cluster")
    .description("save a cluster's etcd to S3 now; the cluster is only read")
    .argument("<NAME>")
    .addOption(waitOption("wait until it is there and checked"))
    .addOption(outputOption())
    .action((name: string, { wait, output }: { wait?: number; output: OutputFormat }) =>
      sink.command({ kind: "backup-cluster", name, waitMs: wait ?? null, output }),
    );
}

export function addDrill(program: CommanderCommand, sink: Sink): void {
  program
    .command("drill")
    .description("prove that a backup can be restored")
    .command("cluster")
    .description(
      "restore a backup on a host of its own, compare it with its manifest, and end the host; no master is touched",
    )
    .argument("<NAME>")
    .addOption(
      new Option("--backup <id>", "the backup to try, as get backups shows it, or latest; the newest without it"),
    )
    .addOption(
      new Option("--level <level>", "how much is proven: etcd is restored and every key is read")
        .choices(["data"])
        .default("data"),
    )
    .addOption(waitOption("wait for its result"))
    .addOption(outputOption())
    .action((name: string, { backup, level, wait, output }: DrillOptions) =>
      sink.command({ kind: "drill-cluster", name, backup: backup ?? null, level, waitMs: wait ?? null, output }),
    );
}

interface DrillOptions {
  readonly backup?: string;
  readonly level: "data";
  readonly wait?: number;
  readonly output: OutputFormat;
}

export function addGetBackups(get: CommanderCommand, sink: Sink): void {
  get
    .command("backups")
    .alias("backup")
    .description("backups of all clusters or of one, the newest first")
    .argument("[NAME]")
    .addOption(outputOption(LIST_FORMATS))
    .action((name: string | undefined, { output }: { output: OutputFormat | "wide" }) =>
      sink.command({
        kind: "get-backups",
        name: name ?? null,
        output: output === "wide" ? "table" : output,
        ...(output === "wide" && { wide: true }),
      }),
    );
}

export function addDescribe(program: CommanderCommand, sink: Sink): void {
  program
    .command("describe")
    .description("show all of one thing")
    .command("backup")
    .description("what a backup holds, and what was checked")
    .argument("<NAME>", "name of the cluster")
    .argument("<ID>", "id of the backup, as get backups shows it")
    .addOption(outputOption())
    .action((name: string, id: string, { output }: { output: OutputFormat }) =>
      sink.command({ kind: "describe-backup", name, id, output }),
    );
}

export function addPin(program: CommanderCommand, sink: Sink): void {
  const verbs = [
    ["pin", true, "keep a backup, whatever retention says"],
    ["unpin", false, "let retention have a backup again"],
  ] as const;
  for (const [verb, pinned, description] of verbs) {
    program
      .command(verb)
      .description(description)
      .command("backup")
      .description(description)
      .argument("<NAME>", "name of the cluster")
      .argument("<ID>", "id of the backup")
      .addOption(outputOption())
      .action((name: string, id: string, { output }: { output: OutputFormat }) =>
        sink.command({ kind: "pin-backup", name, id, pinned, output }),
      );
  }
}
