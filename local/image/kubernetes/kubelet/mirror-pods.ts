import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import { type ApiClient, isReason } from "../common/api-client.ts";
import { nodeSchema } from "../common/objects.ts";
import type { KubeletOptions } from "./options.ts";

const LOOK_EVERY_MS = 10_000;

const manifestSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().default("default"),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({}),
});

/** Shows the static pods of this host in the API, as the real kubelet does by mirror pods. For ever; trouble waits for the next look. */
export async function showStaticPods(client: ApiClient, options: KubeletOptions): Promise<never> {
  for (;;) {
    await show(client, options).catch(() => undefined);
    await delay(LOOK_EVERY_MS);
  }
}

async function show(client: ApiClient, { nodeName, staticPodPath = "" }: KubeletOptions): Promise<void> {
  const { metadata: node } = nodeSchema.parse(await client.get(`/api/v1/nodes/${nodeName}`));
  for (const file of readdirSync(staticPodPath).filter((each) => each.endsWith(".yaml"))) {
    const text = readFileSync(join(staticPodPath, file), "utf8");
    const { metadata, spec } = manifestSchema.parse(parse(text));
    const name = `${metadata.name}-${nodeName}`;
    const pods = `/api/v1/namespaces/${metadata.namespace}/pods`;
    const hash = createHash("md5").update(text).digest("hex");
    const marks = { "kubernetes.io/config.source": "file", "kubernetes.io/config.hash": hash };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...metadata,
        name,
        annotations: { ...metadata.annotations, ...marks, "kubernetes.io/config.mirror": hash },
        ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid: node.uid, controller: true }],
      },
      spec: { ...spec, nodeName },
    };
    await client.create(pods, pod).then(
      () => client.mergePatch(`${pods}/${name}/status`, { status: RUNNING }),
      (error: unknown) => {
        if (!isReason(error, "AlreadyExists")) throw error;
      },
    );
  }
}

const RUNNING = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
