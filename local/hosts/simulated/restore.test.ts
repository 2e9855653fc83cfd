import { expect, test } from "vitest";
import { realClock } from "../../context/clock.ts";
import { hostSpec } from "../../testing/test-hosts.ts";
import { localTimings } from "../timings.ts";
import { SimulatedHost } from "./host.ts";
import { SimulatedNetwork } from "./network.ts";
import { identityOf, mount } from "./own-volume.ts";
import { status } from "./restore.ts";
import { SimulatedVolume } from "./volume.ts";

/** The only master of a cluster, whose etcd commits. */
async function newMaster(): Promise<SimulatedHost> {
  const network = new SimulatedNetwork(realClock);
  const aws = {
    getParameters: async () => [],
    postApi: async () => {},
    putHeartbeat: async () => {},
    getObject: async () => Buffer.alloc(0),
    putObject: async () => {},
  };
  const host = new SimulatedHost(hostSpec(1), { network, clock: realClock, timings: localTimings, aws });
  host.boot(false);
  const volume = new SimulatedVolume("vol-1");
  host.volumes.set(volume.id, volume);
  const { address } = host.spec;
  const master = {
    ...{ cluster: "one", uid: "01uid", table: "t", instances: "i", parameters: "p", member: "a", address },
    ...{ endpoint: "api", initialCluster: [{ name: "a", peerUrl: `https://${address}:2380` }] },
    ...{ volumeId: volume.id, generation: 1 },
  };
  Object.assign(host.files, { master, member: "a", kubelet: { endpoint: "api" }, booted: true });
  mount(host, volume.id).write({ formatted: true, identity: identityOf(master) });
  host.etcdUnit.start(volume);
  await expect.poll(() => host.etcdUnit.withQuorum() !== undefined).toBe(true);
  return host;
}

test("17: an API server that a restore has stopped is not ready, though its etcd commits", async () => {
  const host = await newMaster();
  const report = () => JSON.parse(status(host, "01uid.2"));

  expect(report()).toMatchObject({ member: "a", healthy: true, ready: true, apiServer: true });
  host.files.held = { etcd: false, kubernetes: true, apiServer: true };
  expect(report()).toMatchObject({ member: "a", healthy: true, ready: false, apiServer: false });
  host.powerOff();
});
