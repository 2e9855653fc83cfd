import type { MasterFiles, SimulatedHost } from "./host.ts";
import { startOnOwnVolume, volumeProblem } from "./own-volume.ts";
import { holdsWithin } from "./retry.ts";

const PAUSE_MS = 5_000;
/** `--command-timeout` of the heartbeat's etcdctl. */
const RETRY_FOR_MS = 2_000;
const KEEP_SILENT_SECONDS = 60;

/**
 * The unit `holdfast-heartbeat` of `functions/hosts/boot/master.sh`: writes how etcd is when that changes, and once a
 * minute.
 */
export async function heartbeat(host: SimulatedHost, booted: MasterFiles): Promise<void> {
  const { table, instances, uid, member } = booted;
  const { instanceId } = host.spec;
  const key = `HEARTBEAT#${uid}#${instances}${instanceId}`;
  let last: boolean | undefined;
  let [problem, problemSince] = ["", Math.floor(host.clock.now() / 1000)];
  let lastServed = "";
  let since = Math.floor(host.clock.now() / 1000);
  let written = 0;
  try {
    for (;;) {
      await host.sleep(PAUSE_MS);
      if (host.frozen) continue;
      // A restore changes the generation, on the volume and in /etc/holdfast/member.
      const master = host.files.master ?? booted;
      if (volumeProblem(host, master) !== undefined) {
        host.etcdUnit.stop();
        startOnOwnVolume(host, master);
      }
      const isServed = volumeProblem(host, master) === undefined;
      const healthy = await holdsWithin(
        host,
        RETRY_FOR_MS,
        () => isServed && host.etcd !== undefined && host.network.etcd.isHealthy(host.etcd),
      );
      const clusterId = host.etcd && host.network.etcd.statusOf(host.etcd)?.clusterId;
      const served = {
        ...(isServed && { volumeId: master.volumeId }),
        ...(clusterId !== undefined && { clusterId: String(clusterId) }),
        kubernetesProblem: problemOf(host, healthy),
      };
      const at = Math.floor(host.clock.now() / 1000);
      if (served.kubernetesProblem !== problem) [problem, problemSince] = [served.kubernetesProblem, at];
      if (healthy !== last) {
        last = healthy;
        since = at;
      } else if (at - written < KEEP_SILENT_SECONDS && JSON.stringify(served) === lastServed) continue;
      lastServed = JSON.stringify(served);
      if (!host.reachable) continue;
      const isWritten = await host.aws
        .putHeartbeat(table, { key, member, instanceId, healthy, since, at, kubernetesSince: problemSince, ...served })
        .then(
          () => true,
          () => false,
        );
      if (isWritten) written = at;
    }
  } catch (error) {
    if (host.up) host.say(`holdfast-heartbeat: ${String(error)}`);
  }
}

/** `kubernetes_problem` of the script; kubelet and disk are always healthy here. */
function problemOf(host: SimulatedHost, healthy: boolean): "" | "boot" | "api-server" {
  if (!host.files.booted) return "boot";
  return healthy && !host.apiReady ? "api-server" : "";
}
