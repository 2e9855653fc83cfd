import { setTimeout as delay } from "node:timers/promises";
import { type ApiClient, isReason } from "../common/api-client.ts";
import { messageOf } from "../common/command.ts";
import { nodeSchema } from "../common/objects.ts";
import { hasPodNetwork } from "./network.ts";
import { describeNode } from "./node-object.ts";
import type { KubeletOptions } from "./options.ts";

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2000;
/** A lease is renewed after this part of its duration, as by the real kubelet. */
const RENEW_FRACTION = 0.25;
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
/**
 * The real kubelet reports an unchanged status each five minutes, and looks each ten seconds whether its Node says
 * otherwise.
 */
const REPORT_EVERY_MS = 5 * 60_000;
const COMPARE_EVERY_MS = 10_000;

/**
 * Registers the node, then renews its lease and reports its status, for ever; and once more when there is a network for
 * its pods, without which it is not Ready. Trouble is logged and retried.
 */
export async function keepRegistered(client: ApiClient, options: KubeletOptions, log: (line: string) => void) {
  let hasNetwork = false;
  const look = async () => {
    hasNetwork = await hasPodNetwork(client, options.nodeName);
  };
  await retryForEver(async () => {
    await look();
    await register(client, options, hasNetwork);
  }, log);
  log(`registered node ${options.nodeName} at ${client.server}`);
  void (async () => {
    for (let waitMs = FIRST_RETRY_MS; !hasNetwork; waitMs = Math.min(waitMs * 1.5, LAST_RETRY_MS)) {
      await delay(waitMs);
      await retryForEver(look, log);
      if (hasNetwork) await retryForEver(() => reportStatus(client, options, { hasNetwork, log }), log);
    }
  })();
  let [reportedAt, comparedAt] = [performance.now(), performance.now()];
  for (;;) {
    await retryForEver(() => renewLease(client, options), log);
    const now = performance.now();
    let isDue = now - reportedAt > REPORT_EVERY_MS;
    if (now - comparedAt > COMPARE_EVERY_MS) {
      comparedAt = now;
      isDue ||= await isReadyOtherwise(client, options, hasNetwork).catch(() => false);
    }
    if (isDue) {
      await retryForEver(() => reportStatus(client, options, { hasNetwork, log }), log);
      reportedAt = now;
    }
    await delay(options.leaseSeconds * RENEW_FRACTION * 1000);
  }
}

/**
 * Creates the Node, or adopts the one of an earlier start. A Node of the same name with another providerID belongs to
 * an instance that is gone (the field is immutable), so it is replaced, taints and cordon included. That happens once
 * per start, as in the real kubelet: a Node that is deleted later stays away until the kubelet restarts
 * (docs/references/aws.md#kubelet).
 */
async function register(client: ApiClient, options: KubeletOptions, hasNetwork: boolean): Promise<void> {
  const node = describeNode(options, hasNetwork);
  const path = `/api/v1/nodes/${options.nodeName}`;
  try {
    await client.create("/api/v1/nodes", node);
    return;
  } catch (error) {
    if (!isReason(error, "AlreadyExists")) throw error;
  }
  const existing = nodeSchema.parse(await client.get(path));
  if (existing.spec.providerID !== options.providerId) {
    await client.delete(path);
    await client.create("/api/v1/nodes", node);
    return;
  }
  await client.mergePatch(path, { metadata: { labels: node.metadata.labels } });
  await client.mergePatch(`${path}/status`, { status: node.status });
}

/** A node controller says `Unknown` of a host that was silent, and leaves it to the kubelet to say that it is back. */
async function isReadyOtherwise(
  client: ApiClient,
  { nodeName }: KubeletOptions,
  hasNetwork: boolean,
): Promise<boolean> {
  const { status } = nodeSchema.parse(await client.get(`/api/v1/nodes/${nodeName}`));
  const ready = status.conditions.find(({ type }) => type === "Ready")?.status;
  return ready !== (hasNetwork ? "True" : "False");
}

async function renewLease(client: ApiClient, { nodeName, leaseSeconds }: KubeletOptions): Promise<void> {
  // Kubernetes reads this time with microseconds, and nothing else.
  const renewTime = new Date().toISOString().replace(/Z$/, "000Z");
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime };
  try {
    await client.mergePatch(`${LEASES}/${nodeName}`, { spec });
  } catch (error) {
    if (!isReason(error, "NotFound")) throw error;
    await client.create(LEASES, { metadata: { name: nodeName }, spec });
  }
}

async function reportStatus(
  client: ApiClient,
  options: KubeletOptions,
  { hasNetwork, log }: { hasNetwork: boolean; log: (line: string) => void },
): Promise<void> {
  const { status } = describeNode(options, hasNetwork);
  try {
    await client.mergePatch(`/api/v1/nodes/${options.nodeName}/status`, { status });
  } catch (error) {
    if (!isReason(error, "NotFound")) throw error;
    log(`node "${options.nodeName}" not found`);
  }
}

/** Logs a failure when its text changes, not each time. */
async function retryForEver(attempt: () => Promise<void>, log: (line: string) => void): Promise<void> {
  let lastMessage = "";
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, LAST_RETRY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      const message = messageOf(error);
      if (message !== lastMessage) log(`will retry: ${message}`);
      lastMessage = message;
    }
    await delay(waitMs);
  }
}
