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

  const hostOf = (instanceId: string) => find(hosts, instanceId);

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
    ...volumesOf({ hosts, volumes, mounted, before: (operation, id) => driver.before(operation, id) }),
    ...NOTHING_RUNS,
    console: (instanceId) => `console of ${hostOf(instanceId).spec.instanceId}\n`,
    close: async () => hosts.clear(),
  };
  return driver;
}

function find(hosts: FakeHosts["hosts"], instanceId: string): FakeHost {
  const host = hosts.get(instanceId);
  if (!host) throw new Error(`no host ${instanceId}`);
  return host;
}

function upHost(hosts: FakeHosts["hosts"], instanceId: string): FakeHost {
  const host = find(hosts, instanceId);
  if (host.state !== "up") throw new Error(`host ${instanceId} is down`);
  return host;
}

type VolumeCalls = "createVolume" | "deleteVolume" | "attachVolume" | "detachVolume";

function volumesOf({
  hosts,
  volumes,
  mounted,
  before,
}: Pick<FakeHosts, "hosts" | "volumes" | "mounted" | "before">): Pick<HostDriver, VolumeCalls> {
  return {
    async createVolume(volumeId, { fromVolumeId }) {
      await before("createVolume", volumeId);
      const source = fromVolumeId === undefined ? "" : volumes.get(fromVolumeId);
      if (source === undefined) throw new Error(`no volume ${fromVolumeId}`);
      volumes.set(volumeId, source);
    },
    async deleteVolume(volumeId) {
      await before("deleteVolume", volumeId);
      if (!volumes.delete(volumeId)) throw new Error(`no volume ${volumeId}`);
    },
    async attachVolume(instanceId, volumeId, device) {
      await before("attachVolume", volumeId);
      if (!volumes.has(volumeId)) throw new Error(`no volume ${volumeId}`);
      const owner = [...hosts.values()].find((host) => host.volumes.has(volumeId));
      if (owner) throw new Error(`volume ${volumeId} is on ${owner.spec.instanceId}`);
      upHost(hosts, instanceId).volumes.set(volumeId, device);
    },
    async detachVolume(instanceId, volumeId, options) {
      await before("detachVolume", volumeId);
      if (mounted.has(volumeId) && !options?.force) return false;
      mounted.delete(volumeId);
      find(hosts, instanceId).volumes.delete(volumeId);
      return true;
    },
  };
}

const NOTHING_RUNS: Pick<
  HostDriver,
  "onAgent" | "run" | "shellCommand" | "putLoadBalancer" | "deleteLoadBalancer" | "probe" | "forward"
> = {
  onAgent: () => undefined,
  run: async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false }),
  shellCommand: async () => ({ command: "true", args: [] }),
  putLoadBalancer: async () => undefined,
  deleteLoadBalancer: async () => undefined,
  probe: async () => false,
  forward: async () => {
    throw new Error("fake hosts listen nowhere");
  },
};
