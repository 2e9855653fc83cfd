import type { HostDriver, HostSpec } from "../hosts/driver.ts";
import type { HostFirewall } from "../hosts/firewall.ts";

interface FakeHost {
  readonly spec: HostSpec;
  state: "up" | "down";
  firewall: HostFirewall | undefined;
  readonly volumes: Map<string, string>;
}

export interface FakeHosts extends HostDriver {
  readonly hosts: ReadonlyMap<string, FakeHost>;
  /** What is on each volume; a copy starts with what its source had. */
  readonly volumes: Map<string, string>;
  /** Volumes that a guest has mounted: a detach without force does not get them. */
  readonly mounted: Set<string>;
  /** Called before each driver call; throws to make it fail, waits to make it slow. */
  before: (operation: string, id: string) => void | Promise<void>;
}

/** Hosts that exist only as records: no process is started and nothing listens. Misuse of the driver throws. */
export function fakeHosts(): FakeHosts {
  const hosts = new Map<string, FakeHost>();
  const volumes = new Map<string, string>();
  const mounted = new Set<string>();

  const hostOf = (instanceId: string): FakeHost => {
    const host = hosts.get(instanceId);
    if (!host) throw new Error(`no host ${instanceId}`);
    return host;
  };
  const upHost = (instanceId: string): FakeHost => {
    const host = hostOf(instanceId);
    if (host.state !== "up") throw new Error(`host ${instanceId} is down`);
    return host;
  };

  const driver: FakeHosts = {
    kind: "simulated",
    limits: ["No program runs on a host."],
    hosts,
    volumes,
    mounted,
    before: () => undefined,

    async launch(spec) {
      await driver.before("launch", spec.instanceId);
      if (hosts.has(spec.instanceId)) throw new Error(`host ${spec.instanceId} exists`);
      hosts.set(spec.instanceId, { spec, state: "up", firewall: spec.firewall, volumes: new Map() });
    },
    async shutdown(instanceId) {
      await driver.before("shutdown", instanceId);
      hostOf(instanceId).state = "down";
      for (const volumeId of hostOf(instanceId).volumes.keys()) mounted.delete(volumeId);
    },
    async restart(instanceId) {
      await driver.before("restart", instanceId);
      hostOf(instanceId).state = "up";
    },
    async destroy(instanceId) {
      await driver.before("destroy", instanceId);
      if (hosts.get(instanceId)?.state === "up") throw new Error(`host ${instanceId} is up`);
      hosts.delete(instanceId);
    },

    async setFirewall(instanceId, firewall) {
      await driver.before("setFirewall", instanceId);
      hostOf(instanceId).firewall = firewall;
    },
    async createVolume(volumeId, { fromVolumeId }) {
      await driver.before("createVolume", volumeId);
      const source = fromVolumeId === undefined ? "" : volumes.get(fromVolumeId);
      if (source === undefined) throw new Error(`no volume ${fromVolumeId}`);
      volumes.set(volumeId, source);
    },
    async deleteVolume(volumeId) {
      await driver.before("deleteVolume", volumeId);
      if (!volumes.delete(volumeId)) throw new Error(`no volume ${volumeId}`);
    },
    async attachVolume(instanceId, volumeId, device) {
      await driver.before("attachVolume", volumeId);
      if (!volumes.has(volumeId)) throw new Error(`no volume ${volumeId}`);
      const owner = [...hosts.values()].find((host) => host.volumes.has(volumeId));
      if (owner) throw new Error(`volume ${volumeId} is on ${owner.spec.instanceId}`);
      upHost(instanceId).volumes.set(volumeId, device);
    },
    async detachVolume(instanceId, volumeId, options) {
      await driver.before("detachVolume", volumeId);
      if (mounted.has(volumeId) && !options?.force) return false;
      mounted.delete(volumeId);
      hostOf(instanceId).volumes.delete(volumeId);
      return true;
    },

    onAgent: () => undefined,
    run: async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false }),
    console: (instanceId) => `console of ${hostOf(instanceId).spec.instanceId}\n`,
    shellCommand: async () => ({ command: "true", args: [] }),
    putLoadBalancer: async () => undefined,
    deleteLoadBalancer: async () => undefined,
    probe: async () => false,
    forward: async () => {
      throw new Error("fake hosts listen nowhere");
    },
    close: async () => hosts.clear(),
  };
  return driver;
}
