import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { ApiClient, isReason } from "../common/api-client.ts";
import { readKubeconfig } from "../common/kubeconfig.ts";
import { type Node, nodeSchema, objectListSchema } from "../common/objects.ts";
import type { KubeletOptions } from "./options.ts";

/** `--node-monitor-period` of the cloud controller. */
const PERIOD_MS = 5_000;
const REQUEST_TIMEOUT_MS = 5_000;
const CONTROLLER = "/apis/apps/v1/namespaces/kube-system/daemonsets/aws-cloud-controller-manager";
const ROLE = "node-role.kubernetes.io/control-plane";

const answerSchema = z.array(z.string());

/**
 * What the AWS cloud controller's pod on a master would do, once its DaemonSet is there: Nodes that are not Ready and whose
 * instances have ended are deleted (kubernetes/cloud-provider: controllers/nodelifecycle). For ever; trouble waits for the next look.
 */
export async function removeEndedNodes(options: KubeletOptions, log: (line: string) => void): Promise<never> {
  const administrator = join(dirname(options.kubeconfig), "admin.conf");
  for (;;) {
    await delay(PERIOD_MS);
    if (!existsSync(administrator)) continue;
    const client = new ApiClient(readKubeconfig(administrator), { timeoutMs: REQUEST_TIMEOUT_MS });
    await look(client, options, log).catch(() => undefined);
    client.close();
  }
}

async function look(client: ApiClient, { nodeName }: KubeletOptions, log: (line: string) => void): Promise<void> {
  const nodes = objectListSchema.parse(await client.get("/api/v1/nodes")).items.map((node) => nodeSchema.parse(node));
  const silent = nodes.filter((node) => !isReady(node));
  // One of its replicas is at work.
  const leader = nodes.find((node) => isReady(node) && node.metadata.labels?.[ROLE] !== undefined);
  if (silent.length === 0 || leader?.metadata.name !== nodeName || !(await isInstalled(client))) return;
  for (const { metadata, spec } of silent) {
    const instanceId = spec.providerID?.split("/").at(-1) ?? "";
    if (!(await hasEnded(instanceId))) continue;
    await client.delete(`/api/v1/nodes/${metadata.name}`);
    log(`deleted node ${metadata.name}, whose instance has ended, for the cloud controller`);
  }
}

function isReady({ status }: Node): boolean {
  return status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
}

async function isInstalled(client: ApiClient): Promise<boolean> {
  return await client.get(CONTROLLER).then(
    () => true,
    (error: unknown) => {
      if (isReason(error, "NotFound")) return false;
      throw error;
    },
  );
}

async function hasEnded(instanceId: string): Promise<boolean> {
  const query = ["--query", "Reservations[].Instances[].State.Name", "--output", "json"];
  try {
    const { stdout } = await promisify(execFile)("aws", [
      "ec2",
      "describe-instances",
      "--instance-ids",
      instanceId,
      ...query,
    ]);
    const states = answerSchema.parse(JSON.parse(stdout));
    return states.every((state) => state === "terminated");
  } catch (error) {
    return String(error).includes("InvalidInstanceID.NotFound");
  }
}
