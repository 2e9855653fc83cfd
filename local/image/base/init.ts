import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { agentSocket, type InitMessage, parseRuntimeMessage, type RuntimeMessage } from "./agent-protocol.ts";
import { readJsonLines, writeJsonLine } from "./json-lines.ts";
import { runScript } from "./run-script.ts";
import { serveControl } from "./units/control-server.ts";
import { UnitManager } from "./units/manager.ts";
import { runUserData } from "./user-data.ts";

/**
 * The first program on a host of the local cloud. It stands for systemd, cloud-init and the SSM agent of a real machine
 * image: it mounts what fstab names, starts enabled units, runs user data once and executes what the agent is sent.
 * Orphans are reaped by bubblewrap, which is process 1.
 */
function writeConsole(text: string): void {
  process.stdout.write(text);
}

mkdirSync("/var/log/units", { recursive: true });
const units = new UnitManager(writeConsole);
const runtime = connect(agentSocket);
runtime.on("error", (error) => writeConsole(`init: the host runtime is gone: ${error.message}\n`));
// A host without its host runtime has lost its network and its hypervisor; it ends as if the power were cut.
runtime.on("close", () => process.exit(1));
readJsonLines(runtime, (value) => {
  handle(parseRuntimeMessage(value)).catch((error: unknown) => writeConsole(`init: ${String(error)}\n`));
});

function send(message: InitMessage): void {
  writeJsonLine(runtime, message);
}

async function handle(message: RuntimeMessage): Promise<void> {
  switch (message.kind) {
    case "boot":
      return await boot(message.instanceId, message.userData);
    case "run": {
      const path = `/var/lib/amazon/ssm/orchestration/${message.id}/_script.sh`;
      return send({ kind: "result", id: message.id, result: await runScript(path, message.script, message.timeoutMs) });
    }
    case "shutdown":
      await units.stopAll();
      process.exit(0);
  }
}

async function boot(instanceId: string, userData: string): Promise<void> {
  writeConsole(`Booting ${instanceId}.\n`);
  await serveControl(units);
  await units.mounts.mountPresent();
  units.watchMounts().catch((error: unknown) => writeConsole(`init: mounts are not watched: ${String(error)}\n`));
  send({ kind: "booted" });
  await units.startEnabled();
  await runUserData(instanceId, userData, writeConsole);
}
