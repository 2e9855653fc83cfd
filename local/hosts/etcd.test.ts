import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

const members = [61, 62, 63];
const cluster = members.map((n) => `m${n}=http://172.20.0.${n}:2380`).join(",");
const endpoints = members.map((n) => `http://172.20.0.${n}:2379`).join(",");
function volumeOf(n: number) {
  return `vol-0e${n}`;
}

/** What a master's user data does, without Kubernetes: wait for the volume, format a new one, mount it, start etcd. */
function userData(n: number) {
  return `#!/bin/bash
set -e
device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeOf(n).replace("-", "")}
until [ -e $device ]; do sleep 0.02; done
blkid $device || mkfs.ext4 -q $device
mkdir -p /var/lib/etcd && mount $device /var/lib/etcd
cat > /etc/systemd/system/etcd.service <<UNIT
[Service]
Type=notify
ExecStart=/usr/bin/env etcd --name m${n} --data-dir /var/lib/etcd/member-data --initial-cluster-token test \\
  --initial-cluster ${cluster} --heartbeat-interval 50 --election-timeout 500 \\
  --listen-peer-urls http://172.20.0.${n}:2380 --initial-advertise-peer-urls http://172.20.0.${n}:2380 \\
  --listen-client-urls http://172.20.0.${n}:2379 --advertise-client-urls http://172.20.0.${n}:2379
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now etcd`;
}

let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
});
afterAll(async () => await testHosts.close());

async function start(n: number, instanceId: string) {
  await testHosts.driver.launch(hostSpec(n, { instanceId, userData: userData(n) }));
  await testHosts.driver.attachVolume(instanceId, volumeOf(n), "/dev/sdf");
}

async function etcdctl(on: string, command: string) {
  return await testHosts.sh(on, `ETCDCTL_API=3 etcdctl --command-timeout=700ms --dial-timeout=300ms ${command}`);
}

test("a master that loses its power comes back on a new host as the same etcd member", async () => {
  for (const n of members) await testHosts.driver.createVolume(volumeOf(n), {});
  await Promise.all(members.map((n) => start(n, `i-0old${n}`)));
  await eventually(async () => await etcdctl("i-0old61", `--endpoints=${endpoints} endpoint health`), 8000);
  const memberList = await etcdctl("i-0old61", `--endpoints=${endpoints} member list`);
  await etcdctl("i-0old61", `--endpoints=${endpoints} put before loss`);

  await testHosts.driver.shutdown("i-0old62", "power-off");
  await testHosts.driver.destroy("i-0old62");
  await eventually(async () => await etcdctl("i-0old61", "--endpoints=http://172.20.0.61:2379 put during loss"));
  await start(62, "i-0new62");

  const through62 = "--endpoints=http://172.20.0.62:2379";
  await eventually(async () => await etcdctl("i-0old61", `${through62} get during`), 8000);
  expect(await etcdctl("i-0old63", `${through62} get before --print-value-only`)).toBe("loss");
  expect(await etcdctl("i-0old63", `${through62} member list`)).toBe(memberList);
}, 20_000);
