import { messageOf, runCommand } from "../common/command.ts";
import { versionText } from "../common/version.ts";
import { readOptions } from "./options.ts";
import { createApiServer } from "./server.ts";

/** Serves until SIGTERM; ends with 1 if it cannot listen. */
async function main(argv: string[]): Promise<number> {
  if (argv.includes("--version")) {
    process.stdout.write(`${versionText("Kubernetes")}\n`);
    return 0;
  }
  const options = readOptions(argv);
  log(`${versionText("kube-apiserver")}, etcd at ${options.etcdServers.join(", ")}`);
  if (options.unusedFlags.length > 0) log(`accepted without effect: --${options.unusedFlags.join(", --")}`);
  const server = createApiServer(options);
  return new Promise((resolve) => {
    const end = (exitCode: number) => {
      resolve(exitCode);
      server.close();
      server.closeAllConnections();
    };
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => end(0));
    server.once("error", (error) => {
      log(messageOf(error));
      end(1);
    });
    server.listen(options.port, options.bindAddress, () => log(`serving on ${options.bindAddress}:${options.port}`));
  });
}

function log(line: string): void {
  process.stderr.write(`kube-apiserver: ${line}\n`);
}

void runCommand("kube-apiserver", main);
