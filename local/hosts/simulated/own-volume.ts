import type { MasterFiles, SimulatedHost } from "./host.ts";
import type { SimulatedVolume } from "./volume.ts";

/** Mounts the volume again if it is there, and starts etcd if it is the member's; `RestartSec` is part of the heartbeat's pause. */
export function startOnOwnVolume(host: SimulatedHost, master: MasterFiles): void {
  if (host.volumes.get(master.volumeId)?.broken !== false || host.etcd) return;
  const volume = mount(host, master.volumeId);
  if (volumeProblem(host, master) === undefined) host.etcdUnit.start(volume);
}

/** `holdfast-volume` of `functions/hosts/boot/master.sh`: what is wrong with the volume beneath etcd; undefined if nothing is. */
export function volumeProblem(
  host: SimulatedHost,
  { volumeId, uid, member, generation }: MasterFiles,
): string | undefined {
  const volume = host.volumes.get(volumeId);
  if (!volume) return `volume ${volumeId} is not attached`;
  if (!volume.mounted || volume.broken) return `volume ${volumeId} is not mounted`;
  const isOwn = volume.content.identity === identityOf({ uid, member, generation });
  return isOwn ? undefined : `volume ${volumeId} has not its identity`;
}

export function identityOf({ uid, member, generation }: Pick<MasterFiles, "uid" | "member" | "generation">): string {
  return `${uid} ${member} ${generation}`;
}

export function mount(host: SimulatedHost, volumeId: string): SimulatedVolume {
  const volume = host.volumes.get(volumeId);
  if (!volume || volume.broken) throw new Error(`${volumeId}: input/output error`);
  volume.mounted = true;
  return volume;
}
