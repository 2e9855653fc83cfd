import { runCommand, UsageError } from "../common/command.ts";
import { kubernetesVersion, versionInfo, versionText } from "../common/version.ts";

/** Commands are loaded when they are called: making certificates needs much code, printing a version little. */
async function main([command, ...args]: string[]): Promise<number> {
  switch (command) {
    case "init":
      return (await import("./init.ts")).runInit(args);
    case "join":
      return (await import("./join.ts")).runJoin(args);
    case "reset":
      return (await import("./reset.ts")).runReset(args);
    case "version":
    case "--version":
      return printVersion(args);
    default:
      throw new UsageError(`unknown command "${command ?? ""}" for the stand-in of kubeadm`);
  }
}

function printVersion(args: readonly string[]): number {
  const format = /^(?:-o|--output)[= ]?(\w+)$/.exec(args.join(" "))?.[1];
  const texts: Record<string, string> = {
    short: kubernetesVersion(),
    json: JSON.stringify({ clientVersion: versionInfo() }, null, 2),
  };
  process.stdout.write(`${texts[format ?? ""] ?? versionText("kubeadm version:")}\n`);
  return 0;
}

void runCommand("kubeadm", main);
