import { once } from "node:events";
import { createServer } from "node:http";
import { z } from "zod";
import { ApiClient } from "../common/api-client.ts";
import { messageOf, runCommand } from "../common/command.ts";
import { readKubeconfig } from "../common/kubeconfig.ts";
import { retryUntil } from "../common/polling.ts";
import { playVersion, versionText } from "../common/version.ts";
import { bootstrap } from "./bootstrap.ts";
import { removeEndedNodes } from "./cloud-nodes.ts";
import { showStaticPods } from "./mirror-pods.ts";
import { readOptions } from "./options.ts";
import { keepRegistered } from "./registration.ts";
import { StaticPods } from "./static-pods.ts";

const REQUEST_TIMEOUT_MS = 5000;
/** The real program's `healthzPort` and `healthzBindAddress`. */
const VERSION_POLL_MS = 200;
const HEALTHZ = { port: 10_248, host: "127.0.0.1" };

/**
 * Runs until SIGTERM. Unlike the real program, whose containers outlive it, it takes its static pods with it: they are
 * processes of its service here.
 */
async function main(argv: string[]): Promise<number> {
  if (argv.includes("--version")) {
    process.stdout.write(`${versionText("Kubernetes")}\n`);
    return 0;
  }
  const options = readOptions(argv);
  log(`${versionText("kubelet")}, node ${options.nodeName}`);
  if (options.unusedFlags.length > 0) log(`accepted without effect: --${options.unusedFlags.join(", --")}`);
  const pods = options.staticPodPath === undefined ? undefined : new StaticPods(options.staticPodPath, log);
  pods?.start();
  const healthz = createServer((_, response) => response.end("ok")).listen(HEALTHZ);
  healthz.on("error", (error) => log(`healthz: ${error.message}`));
  void (async () => {
    await bootstrap(options, log);
    const client = new ApiClient(readKubeconfig(options.kubeconfig), { timeoutMs: REQUEST_TIMEOUT_MS });
    playVersion(await serverVersion(client));
    void removeEndedNodes(options, log);
    void showStaticPods(client, options);
    await keepRegistered(client, options, log);
  })().catch((error) => {
    // systemd starts it again.
    log(messageOf(error));
    process.exit(1);
  });
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  healthz.close();
  await pods?.stop();
  return 0;
}

const versionSchema = z.looseObject({ gitVersion: z.string() });

/** Asked until the API server answers: nothing can be registered before. */
async function serverVersion(client: ApiClient): Promise<string> {
  return await retryUntil(async () => versionSchema.parse(await client.get("/version")).gitVersion, {
    timeoutMs: Number.POSITIVE_INFINITY,
    intervalMs: VERSION_POLL_MS,
  });
}

function log(line: string): void {
  process.stderr.write(`kubelet: ${line}\n`);
}

void runCommand("kubelet", main);
