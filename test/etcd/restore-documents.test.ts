import { execFile, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { DrillReport } from "../../functions/domain/backup/drill-note.ts";
import { readHostReport } from "../../functions/domain/restore/host-report.ts";
import { SurvivorSnapshot } from "../../functions/domain/restore/survivor.ts";
import { eventually } from "../../local/testing/image/eventually.ts";
import { freePort } from "../../local/testing/image/ports.ts";

/** Documents of a restore on the real etcd: three "hosts" are three folders of this machine. Needs etcdutl of 3.5.16 or later. */
const DOCUMENTS = join(import.meta.dirname, "../../functions/hosts/documents");
const TOKEN = "01kb8q5y.2";
const MEMBERS = ["a", "b", "c"] as const;
type Member = (typeof MEMBERS)[number];

const BEGINS_WITH: Readonly<Record<string, readonly string[]>> = {
  "try-backup": ["own-etcd", "fetch-file", "open-backup"],
  "drill-backup": ["await-boot", "own-etcd", "fetch-file", "open-backup"],
  "snapshot-survivor": ["own-etcd"],
  "restore-etcd": ["own-etcd", "fetch-file"],
};
const FOLLOWED_BY: Readonly<Record<string, string>> = {
  "stop-control-plane": "restore-status",
  "start-control-plane": "restore-status",
  "keep-data": "restore-status",
  "undo-restore": "restore-status",
};

/** What a host has instead of systemd, EBS and S3. */
const COMMANDS: Readonly<Record<string, string>> = {
  systemctl: `case "$*" in
    *"start"*etcd.service*)
      [[ ! -e $ROOT/etc/holdfast/hold-etcd ]] || exit 0
      pgrep -f -- "--data-dir=$ROOT/var/lib/etcd/data( |$)" >/dev/null && exit 0
      cp $ROOT/run/systemd/system/etcd.service.d/restored.conf $ROOT/started-with 2>/dev/null
      . $ROOT/etcd-flags
      setsid etcd --data-dir=$ROOT/var/lib/etcd/data $FLAGS >>$ROOT/etcd.log 2>&1 & ;;
    *stop*etcd.service*)
      pkill -f -- "--data-dir=$ROOT/var/lib/etcd/data( |$)"
      while pgrep -f -- "--data-dir=$ROOT/var/lib/etcd/data( |$)" >/dev/null; do sleep 0.05; done ;;
  esac`,
  mountpoint: "exit 0",
  aws: `for word; do case $word in s3://* | /* ) files+=("$ROOT/../s3/\${word#s3://}") && [[ $word == s3://* ]] || files[-1]=$word;; esac; done
    mkdir -p "$(dirname "\${files[1]}")"; cp "\${files[0]}" "\${files[1]}"`,
  pkill: `[[ $1 != -x ]] || exit 0; exec /usr/bin/pkill "$@"`,
  pgrep: `[[ $1 != -x ]] || exit 1; exec /usr/bin/pgrep "$@"`,
  etcdutl: `[[ ! -e $ROOT/slow ]] || sleep 5; PATH=\${PATH#*:} exec etcdutl "$@"`,
  df: `[[ ! -e $ROOT/full ]] || { printf 'h\\nx x x 10 x\\n'; exit; }; exec /usr/bin/df "$@"`,
};

interface Host {
  readonly root: string;
  readonly client: string;
  readonly peer: string;
  run(document: string, parameters?: Readonly<Record<string, string>>): Promise<string>;
  etcdctl(...args: string[]): Promise<string>;
}

const UNIT = `[Service]
ExecStart=/usr/bin/env etcd \\
  --name=x --quota-backend-bytes=1 --experimental-initial-corrupt-check=true --experimental-compact-hash-check-enabled=true
Restart=always
`;

function substitute(root: string, text: string): string {
  return text
    .replaceAll(
      /\/(etc\/(?:holdfast|kubernetes|systemd)|var\/lib\/(?:etcd|holdfast)|var\/tmp|run\/(?:holdfast|systemd))/g,
      `${root}/$1`,
    )
    .replaceAll("6443", "9");
}

function makeHost(base: string, member: Member, client: string, peer: string, initialCluster: string): Host {
  const root = join(base, member);
  for (const path of ["bin", "etc/holdfast", "etc/kubernetes/manifests", "var/lib/etcd/data", "var/tmp", "run"])
    mkdirSync(join(root, path), { recursive: true });
  for (const [name, body] of Object.entries(COMMANDS)) {
    writeFileSync(join(root, "bin", name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }
  const facts = {
    CLUSTER: "x",
    CLUSTER_UID: "uid",
    MEMBER: member,
    GENERATION: "1",
    VOLUME_ID: `vol-${member}`,
    REGION: "r",
  };
  writeFileSync(
    join(root, "etc/holdfast/member"),
    Object.entries(facts)
      .map((each) => each.join("="))
      .join("\n"),
  );
  writeFileSync(join(root, "etc/holdfast/etcdctl"), `ETCDCTL_API=3\nETCDCTL_ENDPOINTS=${client}\n`);
  writeFileSync(join(root, "etc/kubernetes/manifests/kube-apiserver.yaml"), "");
  writeFileSync(join(root, "var/lib/etcd/holdfast-identity"), `uid ${member} 1 vol-${member}\n`);
  const flags = [
    `--name=${member} --listen-client-urls=${client} --advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer} --initial-advertise-peer-urls=${peer} --initial-cluster=${initialCluster}`,
  ];
  writeFileSync(join(root, "etcd-flags"), `FLAGS="${flags.join(" ")}"`);
  mkdirSync(join(root, "etc/systemd/system"), { recursive: true });
  writeFileSync(join(root, "etc/systemd/system/etcd.service"), UNIT);
  const env = { ...process.env, ROOT: root, PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
  const text = (name: string) => readFileSync(join(DOCUMENTS, `${name}.sh`), "utf8");
  return {
    root,
    client,
    peer,
    run: async (document, parameters = {}) => {
      const parts = [...(BEGINS_WITH[document] ?? []), document, FOLLOWED_BY[document] ?? ""].filter(
        (each) => each !== "",
      );
      const isJob = BEGINS_WITH[document] !== undefined || document === "upload-survivor";
      const script = Object.entries({ token: TOKEN, ...parameters }).reduce(
        (all, [name, value]) => all.replaceAll(`{{ ${name} }}`, value),
        parts.map(text).join(""),
      );
      const file = join(root, "run", `${document}-${randomUUID()}.sh`);
      writeFileSync(file, `${isJob ? "set -euo pipefail\n" : ""}${substitute(root, script)}`);
      const { stdout } = await promisify(execFile)("bash", [file], { env, timeout: 60_000 });
      return stdout.trim();
    },
    etcdctl: async (...args) =>
      (await promisify(execFile)("etcdctl", [`--endpoints=${client}`, "--command-timeout=5s", ...args], { env }))
        .stdout,
  };
}

async function startCluster(): Promise<{ readonly hosts: Record<Member, Host>; readonly initialCluster: string }> {
  const base = mkdtempSync("/tmp/hf-");
  const ports = await Promise.all(MEMBERS.flatMap(() => [freePort(), freePort()]));
  const urls = MEMBERS.map((member, at) => {
    return { member, client: `http://127.0.0.1:${ports[2 * at]}`, peer: `http://127.0.0.1:${ports[2 * at + 1]}` };
  });
  const initialCluster = urls.map(({ member, peer }) => `${member}=${peer}`).join(",");
  const made = urls.map(({ member, client, peer }) => [member, makeHost(base, member, client, peer, initialCluster)]);
  const hosts = Object.fromEntries(made) as Record<Member, Host>;
  onTestFinished(() => {
    spawnSync("pkill", ["-9", "-f", "--", `--data-dir=${base}`]);
    rmSync(base, { recursive: true, force: true });
  });
  for (const host of Object.values(hosts))
    spawnSync("bash", ["-c", `ROOT=${host.root} PATH=${host.root}/bin:$PATH systemctl start etcd.service`]);
  await eventually(() => hosts.a.etcdctl("put", "first", "1"));
  return { hosts, initialCluster };
}

function each<T>(hosts: Record<Member, Host>, run: (host: Host, member: Member) => Promise<T>): Promise<T[]> {
  return Promise.all(MEMBERS.map((member) => run(hosts[member], member)));
}

async function reportOf(host: Host, member: Member) {
  return readHostReport(member, await host.run("restore-status"));
}

function lost({ root }: Host): void {
  spawnSync("pkill", ["-9", "-f", "--", `--data-dir=${root}`]);
  rmSync(join(root, "var/lib/etcd/data"), { recursive: true });
  mkdirSync(join(root, "var/lib/etcd/data"));
}

async function clusterIdOf(host: Host): Promise<string> {
  return /"cluster_id":(\d+)/.exec(await host.etcdctl("endpoint", "status", "-w", "json"))?.[1] ?? "";
}

const WHERE = { url: "s3://bucket/clusters/x/uid/s/snapshot.db.gz" };

test("17.4: two of three lost: the survivor's data becomes a new cluster with every key that it had, on all three", async () => {
  const { hosts, initialCluster } = await startCluster();
  for (let number = 1; number <= 30; number++) await hosts.a.etcdctl("put", `k${number}`, `${number}`);
  await hosts.a.etcdctl("put", "k1", "again");
  const former = await clusterIdOf(hosts.a);
  lost(hosts.b);
  lost(hosts.c);

  await each(hosts, (host) => host.run("stop-control-plane"));
  expect(await reportOf(hosts.a, "a")).toMatchObject({ held: true, etcd: false, apiServer: false, data: "former" });
  const snapshot = SurvivorSnapshot.parse(JSON.parse(await hosts.a.run("snapshot-survivor")));
  await hosts.a.run("upload-survivor", { ...WHERE, key: "arn" });
  const [kept] = await each(hosts, (host) => host.run("keep-data"));
  const file = { ...WHERE, sha256: snapshot.sha256, totalSize: String(snapshot.totalSize) };
  const restore = { ...file, bump: "1000000000", generation: "2", initialCluster };
  // One whose execution died runs on beside the one that continues.
  await each(hosts, (host) => Promise.all([host.run("restore-etcd", restore), host.run("restore-etcd", restore)]));
  const again = await hosts.b.run("restore-etcd", restore);
  await each(hosts, (host) => host.run("start-control-plane", { what: "etcd" }));
  await eventually(async () => expect((await reportOf(hosts.c, "c"))?.healthy).toBe(true));

  expect(snapshot).toMatchObject({ keys: 31 });
  expect(readHostReport("a", kept ?? "")).toMatchObject({ data: "kept" });
  expect(again).toBe('{"restored":true}');
  expect(await hosts.c.etcdctl("get", "k1", "--print-value-only")).toBe("again\n");
  const said = JSON.parse(await hosts.b.run("restored-data", { addresses: "10.0.0.1" }));
  expect(said).toMatchObject({ keys: 31, revision: snapshot.revision + 1_000_000_000 });
  expect(said.clusterId).not.toBe(former);
  const ids = await each(hosts, clusterIdOf);
  expect(new Set(ids)).toEqual(new Set([said.clusterId]));
  expect(readFileSync(join(hosts.a.root, "var/lib/etcd/holdfast-identity"), "utf8")).toBe("uid a 2 vol-a\n");
  const watched = await hosts.a.etcdctl("watch", "k1", "--rev", "5").catch(({ stderr }) => String(stderr));
  expect(watched).toContain("compacted");
  // Members that start at once would wait for each other's data to compare.
  expect(readFileSync(join(hosts.a.root, "started-with"), "utf8")).toBe(
    "[Service]\nExecStart=\nExecStart=/usr/bin/env etcd \\\n  --name=x --quota-backend-bytes=1  --experimental-compact-hash-check-enabled=true\n",
  );
  expect(existsSync(join(hosts.a.root, "run/systemd/system/etcd.service.d/restored.conf"))).toBe(false);
}, 120_000);

test("17.4: a full disk: nothing is changed, and all is taken back to what it was", async () => {
  const { hosts, initialCluster } = await startCluster();
  const former = await clusterIdOf(hosts.a);
  await each(hosts, (host) => host.run("stop-control-plane"));
  const snapshot = SurvivorSnapshot.parse(JSON.parse(await hosts.b.run("snapshot-survivor")));
  await hosts.b.run("upload-survivor", { ...WHERE, key: "arn" });
  await each(hosts, (host) => host.run("keep-data"));
  writeFileSync(join(hosts.c.root, "full"), "");
  writeFileSync(join(hosts.b.root, "slow"), "");
  const file = { ...WHERE, sha256: snapshot.sha256, totalSize: String(snapshot.totalSize) };
  const restore = { ...file, bump: "1000000000", generation: "2", initialCluster };

  const restoreOf = (member: Member) =>
    hosts[member].run("restore-etcd", restore).catch(({ stderr }) => String(stderr));
  const slow = restoreOf("b");
  const [a, c] = await Promise.all([restoreOf("a"), restoreOf("c")]);
  await each(hosts, (host) => host.run("undo-restore", { generation: "1" }));
  await eventually(() => hosts.a.etcdctl("get", "first"));

  expect(a).toBe('{"restored":true}');
  expect(c).toContain("no space: the volume has 10 KiB free");
  expect(await slow).toContain("the restore was taken back meanwhile");
  for (const member of MEMBERS) expect(await clusterIdOf(hosts[member])).toBe(former);
  expect(await hosts.c.etcdctl("get", "first", "--print-value-only")).toBe("1\n");
  expect(readFileSync(join(hosts.a.root, "var/lib/etcd/holdfast-identity"), "utf8")).toBe("uid a 1 vol-a\n");
  expect(existsSync(join(hosts.a.root, "etc/kubernetes/manifests/kube-apiserver.yaml"))).toBe(true);
}, 120_000);

test("17.4: a backup is tried before anything is stopped: a flipped byte and a truncated file have words of their own", async () => {
  const { hosts } = await startCluster();
  await hosts.a.etcdctl("snapshot", "save", join(hosts.a.root, "s.db"));
  const { stdout } = spawnSync("bash", ["-c", `cd ${hosts.a.root} && gzip -f s.db && sha256sum s.db.gz`], {
    encoding: "utf8",
  });
  const [sha256 = ""] = stdout.split(" ");
  const stored = join(hosts.a.root, "../s3/bucket/clusters/x/uid/s/snapshot.db.gz");
  mkdirSync(join(stored, ".."), { recursive: true });
  const good = readFileSync(join(hosts.a.root, "s.db.gz"));
  const tryIt = async (bytes: Buffer, sum = sha256) => {
    writeFileSync(stored, bytes);
    return hosts.b.run("try-backup", { ...WHERE, sha256: sum }).catch(({ code, stderr }) => `${code} ${stderr}`);
  };
  const sumOf = (bytes: Buffer) => spawnSync("sha256sum", { input: bytes, encoding: "utf8" }).stdout.split(" ")[0];

  expect(JSON.parse(await tryIt(good))).toMatchObject({ revision: 2, keys: 1 });
  const flipped = Buffer.from(good);
  flipped[100] = (flipped[100] ?? 0) ^ 1;
  expect(await tryIt(flipped)).toContain("65 the file is not the one that was taken: its SHA-256 sum is");
  const half = good.subarray(0, good.length / 2);
  expect(await tryIt(half, sumOf(half))).toContain("65 the file is truncated, or is no gzip");
  await delay(0);
  expect(await reportOf(hosts.b, "b")).toMatchObject({ etcd: true, held: false, healthy: true });
}, 120_000);

/** Writes keys and values as Go quotes them, a hundred a transaction: bytes that no argument of a command can hold. */
function putQuoted({ client, root }: Host, pairs: readonly (readonly [key: string, value: string])[]): void {
  const env = { ...process.env, ETCDCTL_API: "3", ROOT: root };
  for (let from = 0; from < pairs.length; from += 100) {
    const puts = pairs.slice(from, from + 100).map(([key, value]) => `put "${key}" "${value}"`);
    const input = `\n${puts.join("\n")}\n\n\n`;
    const { status, stderr } = spawnSync("etcdctl", [`--endpoints=${client}`, "txn"], { input, env, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }
}

test("17.3: a drill reads every key of a backup: by kind, and those that Kubernetes would not read", async () => {
  const { hosts } = await startCluster();
  const { root } = hosts.a;
  const pods = Array.from({ length: 420 }, (_, at) => [`/registry/pods/default/p${at}`, "k8s\\x00\\n\\fpod"] as const);
  putQuoted(hosts.a, [
    ...pods,
    ["/registry/secrets/default/s", "k8s:enc:aescbc:v1:key1:\\x01"],
    ['/registry/roles/default/a \\"quoted\\" one', "k8s\\x00"],
    ["/registry/example.com/widgets/default/w", '{\\"kind\\":\\"Widget\\"}'],
    ["/registry/pods/default/broken", "K8S"],
    ["/elsewhere", "anything"],
  ]);
  const stored = join(root, "../s3/bucket/clusters/x/uid/s/snapshot.db.gz");
  mkdirSync(join(stored, ".."), { recursive: true });
  await hosts.a.etcdctl("snapshot", "save", join(root, "s.db"));
  const { stdout } = spawnSync("bash", ["-c", `gzip -c ${root}/s.db >${stored}; sha256sum ${stored}`], {
    encoding: "utf8",
  });
  const [, hash, revision] = await hashOf(hosts.a);
  writeFileSync(join(root, "etc/holdfast/booted"), "");

  const said = DrillReport.parse(
    JSON.parse(await hosts.a.run("drill-backup", { ...WHERE, sha256: stdout.slice(0, 64) })),
  );

  expect(said).toMatchObject({ revision, hashkv: { hash }, keys: 426, unknownCount: 1, encryptedBy: ["key1"] });
  expect(said.file).toMatchObject({ revision });
  expect(said.kinds).toEqual({ pods: 421, secrets: 1, roles: 1, "example.com/widgets": 1 });
  expect(said.unknown).toEqual(["/registry/pods/default/broken"]);
  expect(await reportOf(hosts.a, "a")).toMatchObject({ etcd: true, healthy: true });
}, 120_000);

/** What a member says of its keys: hash and revision. */
async function hashOf(host: Host): Promise<[string, number, number]> {
  const said = await host.etcdctl("endpoint", "hashkv", "-w", "json");
  const number = (name: string) => Number(new RegExp(`"${name}":(\\d+)`).exec(said)?.[1]);
  return [said, number("hash"), number("revision")];
}
