import type { SimulatedHost } from "./host.ts";
import { registerNode, requireToken } from "./kubernetes.ts";
import { tryFor } from "./patience.ts";

/** `functions/boot/node.sh`: fetches what it needs to join, joins through the API's endpoint. */
export async function bootNode(host: SimulatedHost, parameters: string): Promise<void> {
  await tryFor(host, 1_800, async () => {
    const [token = "", hash = "", endpoint = ""] = (await host.aws.getParameter(`${parameters}/nodes/join`)).split(" ");
    const [name = ""] = endpoint.split(":");
    requireToken(host, { token, hash, endpoint: name });
    host.files.kubelet = { endpoint: name };
  });
  await registerNode(host);
  host.say(`holdfast: node ${host.spec.instanceId} joined`);
}
