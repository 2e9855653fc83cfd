import { readSnapshot, type Snapshot, sha256Of, snapshotFile, TOTAL_SIZE } from "./backup.ts";
import { clusterIdOf, initialMemberId } from "./etcd-ids.ts";
import { EtcdRefused } from "./etcd-types.ts";
import type { MasterFiles, SimulatedHost } from "./host.ts";
import { FaultyData } from "./jobs.ts";
import { registerNode } from "./kubernetes.ts";
import { identityOf } from "./own-volume.ts";
import { holdsWithin } from "./retry.ts";
import type { SimulatedVolume } from "./volume.ts";

/** What the documents of a restore do (functions/hosts/documents), on the model of a host. */

/** How long `start-control-plane` waits for the API server; shorter than the script's, as other pauses here. */
const READY_MS = 1_000;
/** What is free on a volume that is full. */
const FULL_KIB = 10;

type Read = (pattern: RegExp) => string;

/** The token of the restore that a document works for. */
export function tokenOf(read: Read): string {
  return read(/(?:token=|data\.before-|cluster-token ")([0-9A-Za-z]+\.\d+)/);
}

/** `restore-status`: one line of JSON, at the end of other documents too. */
export function status(host: SimulatedHost, token: string): string {
  const { master, member, held } = host.files;
  if (member === undefined) return '{"member":null}\n';
  const volume = host.volumes.get(master?.volumeId ?? "");
  const isMounted = volume?.mounted === true && !volume.broken;
  const [, , generation] = isMounted ? (volume.content.identity ?? "").split(" ") : [];
  const said = host.etcd && host.network.etcd.statusOf(host.etcd);
  const report = {
    member,
    held: held?.etcd === true && held.kubernetes,
    etcd: host.etcd !== undefined,
    apiServer: host.files.kubelet !== undefined && !held?.apiServer,
    ready: host.files.kubelet !== undefined && host.apiReady,
    mounted: isMounted,
    volumeId: isMounted ? (volume?.id ?? null) : null,
    generation: generation === undefined ? null : Number(generation),
    data: isMounted ? dataOf(volume, token) : "none",
    healthy: host.etcd !== undefined && host.network.etcd.isHealthy(host.etcd),
    clusterId: said ? String(said.clusterId) : null,
    freeKiB: volume?.full ? FULL_KIB : 1_000_000,
  };
  return `${JSON.stringify(report)}\n`;
}

function dataOf({ content }: SimulatedVolume, token: string): "none" | "former" | "kept" | "restored" {
  if (content.etcd && content.restoredBy === token) return "restored";
  if (content.kept?.token === token) return "kept";
  return content.etcd ? "former" : "none";
}

export async function stopControlPlane(host: SimulatedHost, read: Read): Promise<string> {
  if (host.files.member !== undefined) {
    host.files.held = { etcd: true, kubernetes: true, apiServer: true };
    host.etcdUnit.stop();
  }
  return status(host, tokenOf(read));
}

export async function startControlPlane(host: SimulatedHost, read: Read): Promise<string> {
  const token = tokenOf(read);
  const what = read(/what=(\S+)/);
  const volume = ownVolume(host);
  const held = host.files.held ?? { etcd: false, kubernetes: false, apiServer: false };
  if (volume?.content.restoredBy === token && volume.content.etcd) {
    if (what === "etcd") {
      host.files.held = { ...held, etcd: false };
      if (!host.etcd) host.etcdUnit.start(volume);
    }
    if (what === "api-server") host.files.held = { ...held, kubernetes: false, apiServer: false };
    if (what === "controllers") restartKubelet(host);
  }
  if (what !== "etcd") await holdsWithin(host, READY_MS, () => host.files.kubelet !== undefined && host.apiReady);
  return status(host, token);
}

/** A kubelet registers its node once a start. */
export function restartKubelet(host: SimulatedHost): void {
  if (!host.files.booted) return;
  registerNode(host).catch((error: unknown) => host.up && host.say(`kubelet: ${String(error)}`));
}

export async function keepData(host: SimulatedHost, read: Read): Promise<string> {
  const token = tokenOf(read);
  const volume = ownVolume(host);
  if (volume && host.files.held?.etcd && !host.etcd && dataOf(volume, token) === "former" && volume.content.etcd) {
    const { etcd, restoredBy } = volume.content;
    volume.write({ etcd: undefined, restoredBy: undefined, kept: { token, etcd, restoredBy } });
  }
  return status(host, token);
}

export async function undoRestore(host: SimulatedHost, read: Read): Promise<string> {
  const token = tokenOf(read);
  const volume = ownVolume(host);
  const { master } = host.files;
  if (!volume || !master) return status(host, token);
  const { kept } = volume.content;
  if (kept?.token === token) {
    host.etcdUnit.stop();
    volume.write({ etcd: kept.etcd, restoredBy: kept.restoredBy, kept: undefined });
  }
  if (volume.content.etcd && volume.content.restoredBy !== token) {
    identify(host, volume, master, Number(read(/MEMBER (\d+) \$VOLUME_ID/)));
    delete host.files.held;
    if (!host.etcd) host.etcdUnit.start(volume);
  }
  return status(host, token);
}

export async function tryBackup(host: SimulatedHost, read: Read): Promise<object> {
  const { revision, keys } = await fetchFile(host, read);
  return { revision, totalSize: TOTAL_SIZE, keys: Object.keys(keys).length };
}

async function fetchFile(host: SimulatedHost, read: Read): Promise<Snapshot> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(read(/aws s3 cp "(s3:[^"]+)"/)) ?? [];
  const file = await host.aws.getObject({ bucket, key });
  const sum = sha256Of(file);
  if (sum !== read(/\$sum == "([0-9a-f]+)"/))
    throw new FaultyData(`the file is not the one that was taken: its SHA-256 sum is ${sum}`);
  return readSnapshot(file);
}

export async function snapshotSurvivor(host: SimulatedHost, read: Read): Promise<object> {
  const token = tokenOf(read);
  const { content } = ownVolume(host) ?? {};
  if (!host.files.held?.etcd || host.etcd) throw new Error("its etcd is not stopped");
  const etcd = (content?.kept?.token === token ? content.kept.etcd : undefined) ?? content?.etcd;
  if (!etcd) throw new Error("the member has no data");
  if (etcd.corrupt) throw new Error("etcd does not open it: it is corrupt");
  const body = snapshotFile(etcd.state);
  host.files.survivor = { token, body };
  return {
    ...{ sha256: sha256Of(body), bytes: body.length, revision: etcd.state.index, totalSize: TOTAL_SIZE },
    ...{ keys: Object.keys(etcd.state.keys).length, term: 1, index: etcd.state.index },
  };
}

export async function uploadSurvivor(host: SimulatedHost, read: Read): Promise<object> {
  const { survivor } = host.files;
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(read(/"\$kept" "(s3:[^"]+)"/)) ?? [];
  if (!survivor) throw new Error("there is no snapshot to upload");
  await host.aws.putObject({ bucket, key }, survivor.body, read(/--sse-kms-key-id "([^"]+)"/));
  return { sha256: sha256Of(survivor.body) };
}

/** What `etcdutl snapshot restore` makes: the keys of the file, as a cluster of new ids at a higher revision. */
export async function restoreEtcd(host: SimulatedHost, read: Read): Promise<object> {
  const token = tokenOf(read);
  const volume = ownVolume(host);
  const { master } = host.files;
  if (!volume || !master) throw new Error("the volume is not mounted");
  if (!host.files.held?.etcd || host.etcd) throw new Error("its etcd is not stopped");
  if (volume.content.restoredBy !== token) {
    if (volume.content.etcd) throw new Error("the former data was not moved away");
    const { revision, keys } = await fetchFile(host, read);
    if (volume.full)
      throw new Error(`no space: the volume has ${FULL_KIB} KiB free, the restored data needs 160020 KiB`);
    const members = read(/--initial-cluster "([^"]+)"/)
      .split(",")
      .map((entry) => {
        const [name = "", peerUrl = ""] = entry.split("=");
        return { name, peerUrl, id: initialMemberId(peerUrl, token), learner: false };
      });
    const index = revision + Number(read(/--bump-revision (\d+)/));
    const memberId = initialMemberId(`https://${master.address}:2380`, token);
    const clusterId = clusterIdOf(members.map(({ id }) => id));
    const etcd = { clusterId, memberId, state: { index, members, keys }, removed: false, corrupt: false };
    volume.write({ etcd, restoredBy: token });
  }
  identify(host, volume, master, Number(read(/MEMBER (\d+) \$VOLUME_ID/)));
  return { restored: true };
}

export async function restoredData(host: SimulatedHost): Promise<string> {
  if (!host.etcd) throw new EtcdRefused("connection refused");
  const { index, keys } = host.network.etcd.stateOf(host.etcd);
  const clusterId = String(host.network.etcd.statusOf(host.etcd)?.clusterId ?? "");
  return `${JSON.stringify({ clusterId, revision: index, keys: Object.keys(keys).length })}\n`;
}

function identify(host: SimulatedHost, volume: SimulatedVolume, master: MasterFiles, generation: number): void {
  volume.write({ identity: identityOf({ ...master, generation }) });
  host.files.master = { ...master, generation };
}

function ownVolume({ volumes, files }: SimulatedHost): SimulatedVolume | undefined {
  const volume = volumes.get(files.master?.volumeId ?? "");
  return volume?.mounted && !volume.broken ? volume : undefined;
}
