import type { Command as CommanderCommand } from "commander";
import type { Sink } from "./command.ts";
import { durationOption } from "./options.ts";

export function addCredential(program: CommanderCommand, sink: Sink): void {
  program
    .command("credential")
    .description("print a certificate as an exec plug-in of kubectl does (export kubeconfig --exec writes its call)")
    .option("--cluster <name>", "name of the cluster (else of KUBERNETES_EXEC_INFO)")
    .addOption(durationOption("--admin <duration>", "how long each certificate is good for, 10m to 7d (1h)"))
    .action(({ cluster, admin }: { readonly cluster?: string; readonly admin?: number }) =>
      sink.command({ kind: "credential", cluster: cluster ?? null, validMs: admin ?? null }),
    );
}
