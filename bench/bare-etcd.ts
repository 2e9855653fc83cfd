import { setTimeout as delay } from "node:timers/promises";
import { type Authorities, issueAuthorities, issueLeaf } from "../functions/pki/pki.ts";
import type { HostDriver } from "../local/hosts/driver.ts";

/** Milliseconds of one run of etcd alone, without anything of Holdfast: what no automation can be faster than. */
export interface BareTimes {
  /** From nothing to three members that each answer a linearizable read. */
  readonly quorum: number;
  /** From the order to shut a member's host down to the same member answering again on a fresh host. */
  readonly replacement: number;
  /** The part of it after the old host is gone: boot, attach, etcd's restart from its data. */
  readonly restart: number;
  /** Of that, etcd alone: from the start of its program with its data to a linearizable read. */
  readonly etcd: number;
}

const ZONES = ["a", "b", "c"] as const;
const LIMIT_MS = 30_000;
const STARTING = "bench: starting";
const SERVING = "bench: serving";

interface Member {
  readonly name: string;
  readonly address: string;
  readonly subnetCidr: string;
  readonly volumeId: string;
}

/** One cluster by hand: its certificates are ready before the clock starts, and its volumes exist. */
export class BareCluster {
  readonly #hosts: HostDriver;
  readonly #vpcId: string;
  readonly #members: readonly Member[];
  readonly #authority: Authorities["etcd"];
  #launched = 0;

  private constructor(hosts: HostDriver, run: number, authority: Authorities["etcd"]) {
    this.#hosts = hosts;
    this.#authority = authority;
    this.#vpcId = `vpc-0bench${run}`;
    this.#members = ZONES.map((name, index) => ({
      name,
      address: `172.20.${64 * (index + 1)}.10`,
      subnetCidr: `172.20.${64 * (index + 1)}.0/18`,
      volumeId: `vol-0bench${run}${name}`,
    }));
  }

  static async prepare(hosts: HostDriver, run: number): Promise<BareCluster> {
    const { etcd } = await issueAuthorities(new Date());
    const cluster = new BareCluster(hosts, run, etcd);
    for (const { volumeId } of cluster.#members) await hosts.createVolume(volumeId, {});
    return cluster;
  }

  async measure(): Promise<BareTimes> {
    const scripts = await Promise.all(this.#members.map((member) => this.#userData(member)));
    const begun = performance.now();
    const instances = await Promise.all(
      this.#members.map((member, index) => this.#launch(member, scripts[index] ?? "")),
    );
    await Promise.all(instances.map((instanceId) => this.#says(instanceId, SERVING)));
    const quorum = performance.now() - begun;

    const [member, old, script] = [this.#members[0], instances[0], scripts[0]];
    if (!member || !old || !script) throw new Error("a cluster has members");
    const ordered = performance.now();
    await this.#hosts.shutdown(old, "graceful");
    await this.#hosts.detachVolume(old, member.volumeId, { force: true });
    await this.#hosts.destroy(old);
    const gone = performance.now();
    const fresh = await this.#launch(member, script);
    await this.#says(fresh, STARTING);
    const started = performance.now();
    await this.#says(fresh, SERVING);
    const back = performance.now();
    for (const instanceId of [fresh, ...instances.slice(1)]) await this.#end(instanceId);
    return { quorum, replacement: back - ordered, restart: back - gone, etcd: back - started };
  }

  async #launch(member: Member, userData: string): Promise<string> {
    const instanceId = `${this.#vpcId.replace("vpc", "i")}${member.name}${++this.#launched}`;
    await this.#hosts.launch({
      instanceId,
      vpcId: this.#vpcId,
      address: member.address,
      mac: `02:00:00:00:00:0${ZONES.findIndex((name) => name === member.name) + 1}`,
      subnetCidr: member.subnetCidr,
      zone: `us-west-2${member.name}`,
      region: "us-west-2",
      accountId: "123456789012",
      instanceType: "t3.medium",
      hypervisor: "nitro",
      imageId: "ami-0bench",
      hostname: `bench-${member.name}`,
      userData,
      tags: {},
      credentials: async () => undefined,
      egress: () => false,
    });
    await this.#hosts.attachVolume(instanceId, member.volumeId, "/dev/xvdf");
    return instanceId;
  }

  async #says(instanceId: string, words: string): Promise<void> {
    const deadline = performance.now() + LIMIT_MS;
    while (!this.#hosts.console(instanceId).includes(words)) {
      if (performance.now() > deadline)
        throw new Error(`not within ${LIMIT_MS} ms: ${words}\n${this.#hosts.console(instanceId)}`);
      await delay(5);
    }
  }

  async #end(instanceId: string): Promise<void> {
    await this.#hosts.shutdown(instanceId, "power-off");
    await this.#hosts.destroy(instanceId);
  }

  /** Mounts the volume, starts etcd with TLS between members and to clients, and says so when a linearizable read succeeds. */
  async #userData({ name, address, volumeId }: Member): Promise<string> {
    const leaf = await issueLeaf(
      this.#authority,
      { commonName: name, usages: ["server", "client"], addresses: [address, "127.0.0.1"] },
      new Date(),
    );
    const initialCluster = this.#members.map((member) => `${member.name}=https://${member.address}:2380`).join(",");
    return `#!/bin/bash
set -e
cd /root
cat >ca.crt <<'PEM'
${this.#authority.certificate.trim()}
PEM
cat >etcd.crt <<'PEM'
${leaf.certificate.trim()}
PEM
cat >etcd.key <<'PEM'
${leaf.key.trim()}
PEM
device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace("-", "")}
until [[ -e $device ]]; do sleep 0.01; done
blkid $device >/dev/null || mkfs.ext4 -q $device
mkdir -p /var/lib/etcd
mount $device /var/lib/etcd
echo "${STARTING}"
etcd --name=${name} --data-dir=/var/lib/etcd/data --initial-cluster=${initialCluster} \\
  --initial-cluster-token=bench --initial-cluster-state=new \\
  --listen-peer-urls=https://${address}:2380 --initial-advertise-peer-urls=https://${address}:2380 \\
  --listen-client-urls=https://127.0.0.1:2379 --advertise-client-urls=https://127.0.0.1:2379 \\
  --client-cert-auth --trusted-ca-file=ca.crt --cert-file=etcd.crt --key-file=etcd.key \\
  --peer-client-cert-auth --peer-trusted-ca-file=ca.crt --peer-cert-file=etcd.crt --peer-key-file=etcd.key \\
  >/var/log/etcd.log 2>&1 &
until curl -sf --max-time 1 --cacert ca.crt --cert etcd.crt --key etcd.key -o /dev/null \\
  -d '{"key":"YmVuY2g="}' https://127.0.0.1:2379/v3/kv/range; do sleep 0.02; done
echo "${SERVING}"
wait
`;
  }
}
