import type { HostFaults } from "./host-faults.ts";
import type { HostTable } from "./host-table.ts";
import { damageEtcdData } from "./volume-damage.ts";
import type { VolumeStore } from "./volumes.ts";

/** The faults that isolated hosts allow. */
export function namespaceFaults(hosts: HostTable, volumes: VolumeStore): HostFaults {
  /** Does something to a volume while the programs that use it stand still, and ends them, so that none covers it up. */
  async function behindUsers(volumeId: string, instanceId: string | undefined, act: () => Promise<void>) {
    if (instanceId === undefined || !hosts.find(instanceId)) return await act();
    await hosts.signal(instanceId, { volumeId }, "SIGSTOP");
    try {
      await act();
    } finally {
      await hosts.signal(instanceId, { volumeId }, "SIGKILL");
    }
  }

  return {
    async setLink(instanceId, up) {
      await (await hosts.runtimeOf(instanceId)).peer.call("setLink", { instanceId, up });
      // The agent talks to this machine by a socket that no cable carries; on AWS it is as far away as everything else.
      if (up) await hosts.agents.register(hosts.get(instanceId).spec);
      else hosts.agents.drop(instanceId);
    },

    async setBlocked(instanceId, addresses, blocked) {
      const runtime = await hosts.runtimeOf(instanceId);
      await runtime.peer.call("setBlocked", { instanceId, addresses: [...addresses], blocked });
    },

    async setFrozen(instanceId, frozen) {
      await (await hosts.runtimeOf(instanceId)).peer.call("setFrozen", { instanceId, frozen });
    },

    signalProgram: (instanceId, program, signal) => hosts.signal(instanceId, { program }, signal),

    breakVolume: (volumeId, instanceId) => behindUsers(volumeId, instanceId, () => volumes.wreck(volumeId)),

    corruptVolume: (volumeId, instanceId, damage) =>
      behindUsers(volumeId, instanceId, () => damageEtcdData(volumes.path(volumeId), damage)),
  };
}
