import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
});
afterAll(async () => await testHosts.close());

function device(volumeId: string) {
  return `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volumeId.replace("-", "")}`;
}

test("a volume attached to a running host outlives it, and the next host with the same address finds its data", async () => {
  const volumeId = "vol-0aaa";
  const [first, second] = [hostSpec(21), hostSpec(21, { instanceId: "i-0aaa2" })];
  await testHosts.driver.createVolume(volumeId, {});
  await testHosts.driver.launch(first);
  await testHosts.driver.attachVolume(first.instanceId, volumeId, "/dev/sdf");
  await testHosts.sh(
    first.instanceId,
    `set -e; mkfs.ext4 -q -L etcd ${device(volumeId)}; mkdir -p /var/lib/etcd
     mount LABEL=etcd /var/lib/etcd; echo kept > /var/lib/etcd/file`,
  );

  await testHosts.driver.shutdown(first.instanceId, "power-off");
  expect(await testHosts.driver.detachVolume(first.instanceId, volumeId)).toBe(true);
  await testHosts.driver.destroy(first.instanceId);
  await testHosts.driver.launch(second);
  await testHosts.driver.attachVolume(second.instanceId, volumeId, "/dev/sdf");

  expect(await testHosts.sh(second.instanceId, `mount ${device(volumeId)} /mnt && cat /mnt/file`)).toBe("kept");
});

test("a blank volume has no file system for blkid and is refused by mount", async () => {
  const host = hostSpec(22);
  await testHosts.driver.createVolume("vol-0bbb", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0bbb", "/dev/sdf");

  const blkid = await testHosts.driver.run(host.instanceId, `blkid ${device("vol-0bbb")}`, { timeoutMs: 2000 });
  const mount = await testHosts.driver.run(host.instanceId, `mount ${device("vol-0bbb")} /mnt`, { timeoutMs: 2000 });

  expect(blkid).toMatchObject({ exitCode: 2, stdout: "" });
  expect(mount.exitCode).toBe(32);
  expect(mount.stderr).toMatch(/wrong fs type, bad option, bad superblock on \/dev\/volumes\/nvme\d+n1/);
});

test("a mounted volume is not detached; unmounted it goes away from the running host", async () => {
  const host = hostSpec(23);
  await testHosts.driver.createVolume("vol-0ccc", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0ccc", "/dev/sdf");
  await testHosts.sh(host.instanceId, `mkfs.ext4 ${device("vol-0ccc")} && mount ${device("vol-0ccc")} /mnt`);

  expect(await testHosts.driver.detachVolume(host.instanceId, "vol-0ccc")).toBe(false);
  await testHosts.sh(host.instanceId, `umount ${device("vol-0ccc")}`);
  expect(await testHosts.driver.detachVolume(host.instanceId, "vol-0ccc")).toBe(true);

  expect(await testHosts.sh(host.instanceId, `test -e ${device("vol-0ccc")} || echo gone; ls /dev/volumes`)).toBe(
    "gone",
  );
});

test("a forced detach pulls a mounted volume: its host reads and writes nothing more there, and the data continues as it was", async () => {
  const [victim, next] = [hostSpec(27), hostSpec(28)];
  await testHosts.driver.createVolume("vol-0fff", {});
  await Promise.all([victim, next].map((host) => testHosts.driver.launch(host)));
  await testHosts.driver.attachVolume(victim.instanceId, "vol-0fff", "/dev/sdf");
  await testHosts.sh(
    victim.instanceId,
    `set -e; mkfs.ext4 -q ${device("vol-0fff")}; mount ${device("vol-0fff")} /mnt; echo before > /mnt/f
     (exec 3>>/mnt/f 4</mnt/f; touch /root/open; until [ -e /root/go ]; do sleep 0.01; done; cat <&4 >/root/read || true; touch /root/tried; echo after >&3; touch /root/written) >/dev/null 2>&1 &
     until [ -e /root/open ]; do sleep 0.01; done`,
  );

  expect(await testHosts.driver.detachVolume(victim.instanceId, "vol-0fff", { force: true })).toBe(true);
  const left = await testHosts.sh(
    victim.instanceId,
    `touch /root/go; until [ -e /root/tried ]; do sleep 0.01; done; sleep 0.3; cat /root/read; ls /root/written 2>/dev/null
     ls /mnt; touch /mnt/new 2>/dev/null || echo cannot be written; [ -e ${device("vol-0fff")} ] || echo no device`,
  );
  await testHosts.driver.attachVolume(next.instanceId, "vol-0fff", "/dev/sdf");

  expect(left).toBe("cannot be written\nno device");
  expect(await testHosts.sh(next.instanceId, `mount ${device("vol-0fff")} /mnt && cat /mnt/f`)).toBe("before");
});

const BOUND = `[Unit]
BindsTo=data.mount
After=data.mount
StartLimitIntervalSec=0
[Service]
ExecStartPre=/usr/bin/grep -qx ours /data/identity
ExecStart=/usr/bin/sleep 1000
Restart=always
RestartSec=0.1`;

test("a unit bound to a mount ends with it, and starts again only on it, as with systemd", async () => {
  const host = hostSpec(33);
  await testHosts.driver.createVolume("vol-0bd1", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0bd1", "/dev/sdf");
  const state = () => testHosts.sh(host.instanceId, "systemctl is-active bound || true");
  await testHosts.sh(
    host.instanceId,
    `set -e; mkfs.ext4 -q ${device("vol-0bd1")}; mkdir /data
     echo '${device("vol-0bd1")} /data ext4 defaults,nofail,x-systemd.device-timeout=30min 0 2' >> /etc/fstab
     mount /data; echo ours >/data/identity; printf '%s\n' '${BOUND}' >/etc/systemd/system/bound.service; systemctl start bound
     [ "$(mountpoint -d /data)" = "$(mountpoint -x ${device("vol-0bd1")})" ]`,
  );

  await testHosts.sh(host.instanceId, "umount /data");
  await eventually(async () => (await state()) === "inactive", 15_000);
  await testHosts.sh(host.instanceId, "systemctl start bound; mountpoint -q /data");
  expect(await state()).toBe("active");

  await testHosts.driver.detachVolume(host.instanceId, "vol-0bd1", { force: true });
  await eventually(async () => (await state()) === "inactive", 15_000);
  await eventually(
    async () => (await testHosts.sh(host.instanceId, "mountpoint -q /data || echo unmounted")) === "unmounted",
    15_000,
  );
  await testHosts.sh(host.instanceId, "systemctl restart --no-block bound");
  expect(await state()).toBe("inactive");
  await testHosts.driver.attachVolume(host.instanceId, "vol-0bd1", "/dev/sdf");
  await eventually(async () => (await state()) === "active", 15_000);

  await testHosts.sh(host.instanceId, "echo theirs >/data/identity; systemctl restart bound || true");
  expect(await state()).not.toBe("active");
  await testHosts.sh(host.instanceId, "echo ours >/data/identity");
  await eventually(async () => (await state()) === "active", 15_000);
});

test("a unit that requires a mount waits for its volume, even if that is attached long after boot", async () => {
  const host = hostSpec(29);
  await testHosts.driver.createVolume("vol-0f3", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0f3", "/dev/sdf");
  await testHosts.sh(
    host.instanceId,
    `set -e; mkfs.ext4 -q ${device("vol-0f3")}; mkdir /data
     echo '${device("vol-0f3")} /data ext4 defaults,nofail,x-systemd.device-timeout=30min 0 2' >> /etc/fstab
     cat > /etc/systemd/system/user.service <<'UNIT'
[Unit]
RequiresMountsFor=/data
ConditionPathExists=!/data/lock
[Service]
Type=oneshot
ExecStart=touch /data/started
[Install]
WantedBy=multi-user.target
UNIT
     systemctl enable user`,
  );
  await testHosts.driver.shutdown(host.instanceId, "graceful");
  await testHosts.driver.detachVolume(host.instanceId, "vol-0f3");

  await testHosts.driver.restart(host.instanceId);
  expect(await testHosts.sh(host.instanceId, "ls /data")).toBe("");
  await testHosts.driver.attachVolume(host.instanceId, "vol-0f3", "/dev/sdf");

  await eventually(async () => (await testHosts.sh(host.instanceId, "ls /data")).includes("started"));
});

test("disk tools show label, uuid, serial and mount point of a volume", async () => {
  const host = hostSpec(24);
  await testHosts.driver.createVolume("vol-0ddd", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0ddd", "/dev/sdf");
  const path = device("vol-0ddd");

  const output = await testHosts.sh(
    host.instanceId,
    `set -e; mkfs.ext4 -q -U 6f1c1d2e-0000-4000-8000-000000000001 ${path}; e2label ${path} etcd; mount ${path} /srv
     blkid -s LABEL -o value ${path}; [ "$(blkid -L etcd)" = "$(readlink -f ${path})" ] && echo same; lsblk -no SERIAL,FSTYPE,UUID,MOUNTPOINT ${path}; mountpoint /srv`,
  );

  expect(output.split("\n")).toEqual([
    "etcd",
    "same",
    "vol0ddd ext4 6f1c1d2e-0000-4000-8000-000000000001 /srv",
    "/srv is a mountpoint",
  ]);
});

test("what fstab names is mounted again after a power cut", async () => {
  const host = hostSpec(25);
  await testHosts.driver.createVolume("vol-0eee", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0eee", "/dev/sdf");
  await testHosts.sh(
    host.instanceId,
    `set -e; mkfs.ext4 -q -L data ${device("vol-0eee")}
     printf 'LABEL=data /data ext4 defaults,nofail 0 2\nLABEL=absent /absent ext4 nofail 0 2\n' >> /etc/fstab
     mount -a; echo kept > /data/file`,
  );

  await testHosts.driver.shutdown(host.instanceId, "power-off");
  await testHosts.driver.restart(host.instanceId);

  expect(await testHosts.sh(host.instanceId, "cat /data/file")).toBe("kept");
});

test("a volume made from another has its content and shares nothing with it", async () => {
  const host = hostSpec(26);
  await testHosts.driver.createVolume("vol-0f1", {});
  await testHosts.driver.launch(host);
  await testHosts.driver.attachVolume(host.instanceId, "vol-0f1", "/dev/sdf");
  await testHosts.sh(
    host.instanceId,
    `mkfs.ext4 -q ${device("vol-0f1")} && mount ${device("vol-0f1")} /mnt && echo old > /mnt/f`,
  );

  await testHosts.driver.createVolume("vol-0f2", { fromVolumeId: "vol-0f1" });
  await testHosts.sh(host.instanceId, "echo new > /mnt/f");
  await testHosts.driver.attachVolume(host.instanceId, "vol-0f2", "/dev/sdg");

  expect(await testHosts.sh(host.instanceId, `mount ${device("vol-0f2")} /srv && cat /srv/f`)).toBe("old");
});

test("a snapshot of a volume that is written meanwhile is of one moment, and makes a volume", async () => {
  const [writer, reader] = [hostSpec(30), hostSpec(31)];
  await testHosts.driver.createVolume("vol-0aa1", {});
  await Promise.all([writer, reader].map((host) => testHosts.driver.launch(host)));
  await testHosts.driver.attachVolume(writer.instanceId, "vol-0aa1", "/dev/sdf");
  await testHosts.sh(
    writer.instanceId,
    `set -e; mkfs.ext4 -q ${device("vol-0aa1")}; mount ${device("vol-0aa1")} /srv; mkdir /srv/many; touch /srv/many/{1..50}
     for n in {1..99}; do echo $n >/srv/.new; mv /srv/.new /srv/first; echo $n >/srv/.new; mv /srv/.new /srv/second; sleep 0.4; done >/dev/null 2>&1 &`,
  );

  for (const snapshot of ["snap-0aa1", "snap-0aa2", "snap-0aa3"]) {
    await testHosts.driver.createVolume(snapshot, { fromVolumeId: "vol-0aa1" });
    const volumeId = snapshot.replace("snap", "vol").replace("aa", "ab");
    await testHosts.driver.createVolume(volumeId, { fromVolumeId: snapshot });
    await testHosts.driver.attachVolume(reader.instanceId, volumeId, "/dev/sdf");
    const read = `mount ${device(volumeId)} /mnt && cat /mnt/first /mnt/second; umount /mnt`;
    const [first = 0, second = 0] = (await testHosts.sh(reader.instanceId, read)).split("\n").map(Number);
    expect([second, second + 1]).toContain(first);
  }
});

test("MINOR 7: a Xen host shows a volume under the name with which it was attached, and under no id", async () => {
  const host = hostSpec(39, { instanceType: "t2.medium", hypervisor: "xen" });
  await testHosts.driver.createVolume("vol-0fff", {});
  await testHosts.driver.launch(host);
  const isThere =
    "[[ -e /dev/xvdf ]] && echo there || echo none; ls /dev/disk/by-id 2>/dev/null; cat /sys/hypervisor/type";
  expect(await testHosts.sh(host.instanceId, isThere)).toBe("none\nxen");

  await testHosts.driver.attachVolume(host.instanceId, "vol-0fff", "/dev/xvdf");

  expect(await testHosts.sh(host.instanceId, isThere)).toBe("there\nxen");
  await testHosts.sh(
    host.instanceId,
    "mkfs.ext4 -q /dev/xvdf && mount /dev/xvdf /mnt && echo kept >/mnt/file && umount /mnt",
  );
  expect(await testHosts.driver.detachVolume(host.instanceId, "vol-0fff")).toBe(true);
  expect(await testHosts.sh(host.instanceId, isThere)).toBe("none\nxen");
});
