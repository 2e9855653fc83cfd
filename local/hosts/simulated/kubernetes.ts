import { X509Certificate } from "node:crypto";
import { EtcdRefused } from "./etcd-types.ts";
import type { SimulatedHost } from "./host.ts";
import { holdsWithin } from "./retry.ts";

const NODE = "/registry/nodes/";
const MASTER = "/registry/masters/";
const POD_NETWORK = "/registry/network";
/** Stands for kubeadm's ConfigMaps, which name the endpoint of the API. */
const ENDPOINT = "/registry/configmaps/cluster-info";
const API_PORT = 443;
/** `node-monitor-grace-period`. */
const GRACE_MS = 40_000;
/** How long a kubelet tries to register before it says so. */
const REGISTER_MS = 30 * 60_000;

/** A master's API server that is reached through the balancer, as every client does. */
function findApi(host: SimulatedHost, endpoint: string): SimulatedHost | undefined {
  const { network } = host;
  if (!host.reachable || !network.throughBalancer(endpoint, API_PORT, host.spec.address)) return undefined;
  return [...network.hosts.values()].find(
    (other) => other.files.master?.endpoint === endpoint && other.reachable && other.listens(6443, "/readyz"),
  );
}

/** `kubectl get --raw /readyz` through the balancer. */
export function isApiReady(host: SimulatedHost): boolean {
  return host.files.kubelet !== undefined && findApi(host, host.files.kubelet.endpoint) !== undefined;
}

/** The kubelet registers its host as a node, or as a master, as soon as the API answers through its balancer. */
export async function registerNode(host: SimulatedHost): Promise<void> {
  const { zone, instanceId } = host.spec;
  const kind = host.files.master ? MASTER : NODE;
  const isDone = await holdsWithin(host, REGISTER_MS, () =>
    write(host, `${kind}${instanceId}`, `aws:///${zone}/${instanceId}`),
  );
  if (!isDone) throw new Error("the node could not be registered");
}

function write(host: SimulatedHost, key: string, value: string): boolean {
  const api = host.files.kubelet && findApi(host, host.files.kubelet.endpoint);
  const etcd = api?.etcdUnit.withQuorum();
  if (!etcd) return false;
  try {
    host.network.etcd.setKey(etcd, key, value);
    return true;
  } catch (error) {
    if (error instanceof EtcdRefused) return false;
    throw error;
  }
}

function keys(host: SimulatedHost): Readonly<Record<string, string>> {
  const etcd = host.files.kubelet && findApi(host, host.files.kubelet.endpoint)?.etcdUnit.withQuorum();
  if (!etcd) throw new EtcdRefused("the API does not answer");
  return host.network.etcd.stateOf(etcd).keys;
}

/** `kubeadm init phase upload-config`, done once: what a backup brought stays as it is. */
export function uploadConfig(host: SimulatedHost): void {
  const endpoint = host.files.kubelet?.endpoint ?? "";
  if (!Object.hasOwn(keys(host), ENDPOINT) && !write(host, ENDPOINT, endpoint))
    throw new EtcdRefused("the API does not answer");
}

/** `rewrite-endpoint`: only what names the former endpoint is written. */
export function rewriteEndpoint(host: SimulatedHost, from: string, to: string): string {
  if (keys(host)[ENDPOINT] === from && !write(host, ENDPOINT, to)) throw new EtcdRefused("the API does not answer");
  return "rewritten\n";
}

/** `taken-data` takes these out before an API server starts: Nodes of the former hosts. */
export function forgetHosts(host: SimulatedHost): void {
  const { etcd } = host;
  if (!etcd) throw new EtcdRefused("connection refused");
  const isHost = (key: string) => key.startsWith(NODE) || key.startsWith(MASTER);
  for (const key of Object.keys(host.network.etcd.stateOf(etcd).keys).filter(isHost))
    host.network.etcd.deleteKey(etcd, key);
}

/** The add-ons, of which a network for pods is all that shows from outside. `lines` is what the document was given. */
export function installAddOns(host: SimulatedHost, lines: readonly string[]): void {
  const networks = lines.filter((line) => !/^aws-(cloud|ebs)/.test(line)).map((line) => line.split("\t")[0] ?? "");
  if (networks.length > 0 && !write(host, POD_NETWORK, networks.join(" ")))
    throw new EtcdRefused("the API does not answer");
}

/**
 * Whom the API server at the endpoint takes: a client whose certificate its authority signed, as the node of this host.
 */
export function requireNode(host: SimulatedHost, join: { certificate: string; endpoint: string }): void {
  const api = findApi(host, join.endpoint);
  if (!api?.files.authority) throw new Error(`${join.endpoint} does not answer`);
  const certificate = new X509Certificate(join.certificate);
  if (!certificate.verify(new X509Certificate(api.files.authority).publicKey)) throw new Error("Unauthorized");
  if (certificate.subject !== `O=system:nodes\nCN=system:node:${host.spec.instanceId}`)
    throw new Error(`${certificate.subject} is not the node of this host`);
}

/** What `functions/hosts/documents/list-nodes.sh` prints. */
export function listNodes(host: SimulatedHost): string {
  const all = keys(host);
  const ready = Object.hasOwn(all, POD_NETWORK) ? "True" : "False";
  const nodes = Object.entries(all)
    .filter(([key]) => key.startsWith(NODE))
    .map(([key, provider]) => ({ name: key.slice(NODE.length), zone: provider.split("/")[3] ?? "" }));
  const groups = Map.groupBy(nodes, ({ name, zone }) => `${zone} ${isSeen(host, name) ? ready : "Unknown"}`);
  return [...groups].map(([key, group]) => `${[key, ...group.map(({ name }) => name)].join(" ")}\n`).join("");
}

/** `kubectl delete node`; one that is not there is no error. */
export function deleteNode(host: SimulatedHost, name: string): void {
  const etcd = host.files.kubelet && findApi(host, host.files.kubelet.endpoint)?.etcdUnit.withQuorum();
  if (!etcd) throw new EtcdRefused("the API does not answer");
  host.network.etcd.deleteKey(etcd, `${NODE}${name}`);
}

/** No pods run on simulated hosts. */
export function drainNode(host: SimulatedHost): { found: boolean; left: string[] } {
  keys(host);
  return { found: true, left: [] };
}

/** Its kubelet speaks for a node, and what it said holds for the grace period after that. */
function isSeen(host: SimulatedHost, name: string): boolean {
  const node = host.network.hosts.get(name);
  const seen = node?.reachable ? host.clock.now() : (host.network.lastSeen.get(name) ?? 0);
  return host.clock.now() - seen <= GRACE_MS;
}
