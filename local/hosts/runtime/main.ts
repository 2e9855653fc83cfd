import { join } from "node:path";
import { controllerMethods, runtimeMethods } from "../protocol.ts";
import { Peer } from "../rpc.ts";
import { HostRuntime } from "./host-runtime.ts";

/**
 * The host runtime: one process for each VPC, root inside its own user, network, mount and process namespaces, in which
 * it is the first process, so that with it everything ends that it made. Its standard input is the controller's
 * lifeline.
 */
const runtime = new HostRuntime(
  {
    credentials: async (instanceId) => (await controller.call("credentials", { instanceId })).credentials,
    hasEgress: async (instanceId) => (await controller.call("egress", { instanceId })).open,
    resolve: async (name) => (await controller.call("resolve", { name })).addresses ?? undefined,
    onAgent: (instanceId, online) => void controller.call("agent", { instanceId, online }).catch(() => undefined),
    onConsole: (instanceId, text) => void controller.call("console", { instanceId, text }).catch(() => undefined),
  },
  (socketDirectory) => join(socketDirectory, "forward"),
);

const controller = new Peer(
  { input: process.stdin, output: process.stdout },
  controllerMethods,
  runtimeMethods,
  runtime.methods,
);
for (const end of ["end", "close"]) {
  process.stdin.on(end, () => {
    runtime.removeSockets();
    process.exit(0);
  });
}
