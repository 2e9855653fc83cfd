import * as z from "zod";
import { createSigningRequest } from "../../image/kubernetes/common/certificates.ts";
import type { SimulatedHost } from "./host.ts";
import { registerNode, requireNode } from "./kubernetes.ts";
import { tryFor } from "./retry.ts";

const Answer = z.object({ server: z.url(), certificate: z.string() });

/**
 * `functions/hosts/boot/node.sh`: a key, a certificate for it from Holdfast's API, and with that the join through the
 * endpoint.
 */
export async function bootNode(host: SimulatedHost, cluster: string): Promise<void> {
  const { instanceId } = host.spec;
  const subject = { commonName: `system:node:${instanceId}`, organizations: ["system:nodes"] };
  await host.installKubernetes();
  const { request } = await createSigningRequest(subject);
  await tryFor(host, 1_800, async () => {
    const path = `/clusters/${cluster}/nodes/${instanceId}/certificate`;
    const { server, certificate } = Answer.parse(await host.aws.postApi(path, { certificateRequest: request }));
    const endpoint = new URL(server).hostname;
    requireNode(host, { certificate, endpoint });
    host.files.kubelet = { endpoint };
  });
  await host.take("join");
  await registerNode(host);
  host.say(`holdfast: node ${instanceId} joined`);
}
