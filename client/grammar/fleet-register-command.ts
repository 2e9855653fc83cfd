import { Argument, type Command as CommanderCommand, Option } from "commander";
import type { RegisterFleet, Sink } from "./command.ts";
import { outputOption } from "./options.ts";
import type { OutputFormat } from "./output-formats.ts";

interface RegisterOptions {
  readonly fleet?: string;
  readonly selector?: string;
  readonly namespace: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly auth: RegisterFleet["auth"];
  readonly command: string;
  readonly yes?: true;
  readonly output: OutputFormat;
}

export function addFleetRegister(fleet: CommanderCommand, sink: Sink): void {
  fleet
    .command("register")
    .description(
      "register clusters in a tool of a hub cluster; without --yes, show what would be done and change nothing",
    )
    .addArgument(new Argument("<TOOL>", "whose objects are written").choices(["argocd", "clusterprofile"]))
    .addOption(new Option("--fleet <name>", "all clusters of a fleet").conflicts("selector"))
    .option("-l, --selector <selector>", "all clusters with such labels")
    .requiredOption("-n, --namespace <name>", "namespace of the objects, in the hub cluster")
    .option("--context <name>", "context of the hub cluster (the kubeconfig's own)")
    .option("--kubeconfig <file>", "kubeconfig of the hub cluster (as kubectl finds it)")
    .addOption(
      new Option("--auth <how>", "how Argo CD signs in: it runs holdfast, or by a certificate or a token in its Secret")
        .choices(["exec", "certificate", "token"])
        .default("exec"),
    )
    .option("--command <path>", "where the tool finds holdfast", "holdfast")
    .option("-y, --yes", "do it")
    .addOption(outputOption())
    .action((tool: RegisterFleet["tool"], options: RegisterOptions, command: CommanderCommand) => {
      if (options.fleet === undefined && options.selector === undefined)
        command.error("error: say which clusters: --fleet NAME or --selector SELECTOR");
      if (options.auth === "token" && tool !== "argocd")
        command.error("error: --auth token is for argocd: a ClusterProfile holds no secret");
      const { fleet: name = null, selector = null, namespace, context = null, kubeconfig = null } = options;
      const { auth, command: program, yes = false, output } = options;
      const where = { namespace, context, kubeconfig };
      sink.command({ kind: "register-fleet", tool, fleet: name, selector, ...where, auth, program, yes, output });
    });
}
