import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ApiClient } from "../client/api-client.ts";
import { apiTarget } from "../client/api-target.ts";
import { ClusterViewSchema, type OperationView, OperationViewSchema } from "../functions/domain/api/views.ts";
import { buildIfStale } from "../local/cloud/build-if-stale.ts";
import { sharedCompileCache } from "../local/cloud/workspace.ts";
import { type LocalCloud, startLocalCloud } from "../local/cloud.ts";
import { ensureHostTools } from "../scripts/ensure-host-tools.ts";
import { describeMachine } from "./machine.ts";

/**
 * `npm run bench:restore [-- --random]`: a backup and a restore of 100 MB of objects, or of random text, and the bare
 * commands on the same hosts in the same run, so that the ratios hold where seconds would not.
 */
const NAME = "bench.example.com";
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
const MEGABYTES = 100;
const RUNS = 3;
const LIMIT_MS = 600_000;

function say(line: string): void {
  console.error(line);
}

/** A local cloud with one cluster, as a client of its API sees it. */
interface Bench {
  readonly cloud: LocalCloud;
  readonly api: ApiClient;
}

/** A Pod as the API has it, with what differs from Pod to Pod: it compresses as a cluster's objects do, to a sixth. */
const POD = JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web-HEX", namespace: "team-HEX", uid: "HEX-HEX-HEX", labels: { "pod-template-hash": "HEX" } },
  spec: {
    nodeName: "i-HEXHEX",
    containers: [
      {
        name: "web",
        image: `registry.example.com/web@sha256:${"HEX".repeat(8)}`,
        terminationMessagePath: "/dev/termination-log",
        imagePullPolicy: "IfNotPresent",
      },
    ],
    volumes: [{ name: "kube-api-access-HEX", projected: { defaultMode: 420 } }],
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "default",
  },
  status: { phase: "Running", podIP: "10.HEX", startTime: "2026-11-30T10:00:00Z" },
});

/** Prints a megabyte of each kind of data. Helm's releases, for one, cannot be compressed. */
const DATA = {
  objects: `awk -v seed=$number -v pod='${POD}' 'BEGIN {
    srand(seed)
    count = split(pod, parts, "HEX")
    while (size < 1000000) for (part = 1; part <= count; part++) {
      text = parts[part] sprintf("%08x", rand() * 4294967295)
      printf "%s", text
      size += length(text)
    }
  }'`,
  random: "head -c 750000 /dev/urandom | base64 -w0",
};

function fill(data: keyof typeof DATA): string {
  return `for number in $(seq ${MEGABYTES}); do ${DATA[data]} | etcdctl put bench/$number >/dev/null; done`;
}

async function instanceOf({ api }: Bench, member: string): Promise<string> {
  const { members } = await api.get(`/clusters/${NAME}`, ClusterViewSchema);
  return members.find(({ name }) => name === member)?.instanceId ?? "";
}

/** Seconds that a script says it took on a master's host. */
async function onHost(bench: Bench, script: string): Promise<number> {
  const timed = `set -e; cd /var/tmp; rm -rf bench; mkdir bench; cd bench
set -a; . /etc/holdfast/member; . /etc/holdfast/etcdctl; set +a
began=$(date +%s%N)
${script}
echo "took $(($(date +%s%N) - began))"; cd ..; rm -rf bench`;
  const { stdout, stderr, exitCode } = await bench.cloud.hosts.run(await instanceOf(bench, "a"), timed, {
    timeoutMs: LIMIT_MS,
  });
  const [, nanoseconds] = /took (\d+)/.exec(stdout) ?? [];
  if (exitCode !== 0 || nanoseconds === undefined) throw new Error(`${stdout}${stderr}`);
  return Number(nanoseconds) / 1e9;
}

/** What a person would type: the snapshot, and its copy to another disk, or to S3. */
const SAVE = "etcdctl snapshot save s.db --command-timeout=5m >/dev/null 2>&1; cp s.db copy.db; sync copy.db";

async function saveToS3({ cloud }: Bench): Promise<string> {
  const { aws: endpoint, region } = cloud.endpoints;
  const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } });
  const { Buckets: [bucket] = [] } = await s3.send(new ListBucketsCommand({}));
  const place = `s3://${bucket?.Name}/clusters/${NAME}/$CLUSTER_UID/bench/snapshot.db.gz`;
  return `etcdctl snapshot save s.db --command-timeout=5m >/dev/null 2>&1
export AWS_DEFAULT_REGION=$REGION
aws s3 cp s.db ${place} --only-show-errors --checksum-algorithm SHA256`;
}

/** Three members from one file, each with its flags and ports, until all have answered a linearizable read. */
const RESTORE = `etcdctl snapshot save s.db --command-timeout=5m >/dev/null 2>&1
began=$(date +%s%N)
all=a=http://127.0.0.1:3380,b=http://127.0.0.1:3480,c=http://127.0.0.1:3580
unset ETCDCTL_ENDPOINTS ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY
port=3380
for name in a b c; do
  (etcdutl snapshot restore s.db --name $name --initial-cluster $all --initial-cluster-token bench \\
    --initial-advertise-peer-urls http://127.0.0.1:$port --data-dir data-$name >/dev/null 2>&1
   exec etcd --name $name --data-dir data-$name --listen-peer-urls http://127.0.0.1:$port --listen-client-urls http://127.0.0.1:$((port - 1)) \\
    --initial-advertise-peer-urls http://127.0.0.1:$port --advertise-client-urls http://127.0.0.1:$((port - 1)) --initial-cluster $all \\
    --quota-backend-bytes 8589934592 >/dev/null 2>&1) & pids+=" $!"
  port=$((port + 100))
done
for client in 3379 3479 3579; do
  until etcdctl --endpoints http://127.0.0.1:$client endpoint health --command-timeout=1s >/dev/null 2>&1; do sleep 0.05; done
done
ended=$(date +%s%N)
kill -9 $pids
began=$(($(date +%s%N) - ended + began))`;

async function operation({ api }: Bench, path: string, body: object): Promise<OperationView> {
  const { id } = await api.post(path, body, OperationViewSchema);
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await delay(100)) {
    const now = await api.get(`/operations/${id}`, OperationViewSchema);
    if (now.status === "SUCCEEDED") return now;
    if (now.status === "FAILED") throw new Error(JSON.stringify(now.error));
  }
  throw new Error(`${path} is not done`);
}

function secondsOf({ startedAt, finishedAt }: Pick<OperationView, "startedAt" | "finishedAt">): number {
  return (Date.parse(finishedAt ?? "") - Date.parse(startedAt)) / 1000;
}

/** When the first step of this name began, and when the last one ended; epoch milliseconds. */
function spanOf({ steps }: OperationView, name: string): { readonly began: number; readonly ended: number } {
  const own = steps.filter((step) => step.name === name);
  if (own.length === 0) throw new Error(`no step ${name} among ${steps.map((step) => step.name).join(", ")}`);
  return {
    began: Math.min(...own.map(({ startedAt }) => Date.parse(startedAt))),
    ended: Math.max(...own.map(({ finishedAt }) => Date.parse(finishedAt ?? ""))),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  await ensureHostTools(say);
  const { cdkOut } = await buildIfStale(say);
  const compileCache = sharedCompileCache();
  const cloud = await startLocalCloud({ cdkOut, port: 0, log: () => {}, ...(compileCache && { compileCache }) });
  try {
    const data = process.argv.includes("--random") ? "random" : "objects";
    await measure({ cloud, api: new ApiClient(apiTarget({ HOLDFAST_API: cloud.endpoints.api })) }, data);
  } finally {
    await cloud.close();
  }
}

async function measure(bench: Bench, data: keyof typeof DATA): Promise<void> {
  const spec = { name: NAME, zones: ZONES, masterZones: ZONES, nodeCount: 0, backupIntervalMinutes: 0 };
  await operation(bench, "/clusters", { spec });
  await onHost(bench, fill(data));
  const toS3 = await saveToS3(bench);
  const times: Record<string, number[]> = {};
  const note = (what: string, seconds: number): void => {
    times[what] = [...(times[what] ?? []), seconds];
    say(`${what}: ${seconds.toFixed(2)} s`);
  };
  for (let run = 0; run < RUNS; run++) {
    note("bare save", await onHost(bench, SAVE));
    note("bare save to S3", await onHost(bench, toS3));
    const backup = await operation(bench, `/clusters/${NAME}/backup`, {});
    note("backup", secondsOf(backup));
    const save = spanOf(backup, "Save snapshot");
    note("backup, its file in S3", (save.ended - save.began) / 1000);
    note("bare restore", await onHost(bench, RESTORE));
    const body = { from: "backup", backup: "latest", evenThoughHealthy: true };
    const restore = await operation(bench, `/clusters/${NAME}/restore`, body);
    note("restore", secondsOf(restore));
    const [member, data] = [spanOf(restore, "Restore member"), spanOf(restore, "Check restored data")];
    note("restore, etcd from the file until all commit", (data.ended - member.began) / 1000);
    note("without API", (spanOf(restore, "Start masters").ended - spanOf(restore, "Stop masters").began) / 1000);
  }
  const seconds = Object.fromEntries(Object.entries(times).map(([what, all]) => [what, median(all)]));
  const ratio = (ours: string, bare: string) => (seconds[ours] ?? Number.NaN) / (seconds[bare] ?? Number.NaN);
  const result = {
    measuredAt: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    megabytes: MEGABYTES,
    data,
    seconds,
    ratios: {
      "backup, its file in S3, over the bare save": ratio("backup, its file in S3", "bare save"),
      "backup, its file in S3, over the bare save to S3": ratio("backup, its file in S3", "bare save to S3"),
      "restore, etcd from the file until all commit": ratio(
        "restore, etcd from the file until all commit",
        "bare restore",
      ),
    },
  };
  console.log(JSON.stringify(result, undefined, 2));
  const file = join(import.meta.dirname, "results", `restore-${data}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(result, undefined, 2)}\n`);
}

await main();
