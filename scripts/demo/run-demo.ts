import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import * as z from "zod";
import { ApiClient } from "../../client/api-client.ts";
import { apiTarget } from "../../client/api-target.ts";
import { type ClusterView, ClusterViewSchema, EventViewSchema, pageOf } from "../../functions/domain/api/views.ts";
import { ensureHostTools } from "../ensure-host-tools.ts";
import { captureCommand, holdfast } from "./command-line.ts";
import { mountsUnder, processesUnder, startLocalCloudProcess } from "./local-cloud-process.ts";
import { allHeld, newObservations, type Observations } from "./observations.ts";
import { type HostCommand, startWriter, WRITE_LOOP } from "./writer.ts";

const NAME = "hacluster.example.com";
/** The first example of kops's HA guide, with only the program's name changed. */
const GUIDE = [
  ...["create", "cluster", "--node-count", "3"],
  ...["--zones", "us-west-2a,us-west-2b,us-west-2c", "--master-zones", "us-west-2a,us-west-2b,us-west-2c"],
  ...["--node-size", "t2.medium", "--master-size", "t2.medium"],
  ...["--topology", "private", "--networking", "kopeio-vxlan", NAME],
];
const REPAIR_LIMIT_MS = 90_000;
const EXPECTED = [
  "clusterActive",
  "quorumBefore",
  "nodesReady",
  "keyWritten",
  "leaderTerminated",
  "writesWentOn",
  "sameVolumeAndAddress",
  "newInstance",
  "quorumAfter",
  "keyIntact",
  "nothingLeftBehind",
];

/** Everything in order; whatever happens, the local cloud is stopped and its directory removed. */
export async function runDemo({ json }: { json: boolean }): Promise<number> {
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  const seen = newObservations(NAME);
  const directory = await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  try {
    await ensureHostTools(say);
    const started = Date.now();
    const cloud = await startLocalCloudProcess(directory, false);
    seen.durations["localCloudReady"] = Date.now() - started;
    say(`The local cloud is ready (${seconds(seen.durations["localCloudReady"])}): ${cloud.endpoints.api}\n`);
    try {
      const environment = { ...process.env, HOLDFAST_API: cloud.endpoints.api };
      const api = new ApiClient(apiTarget(environment));
      await demonstrate({ endpoints: cloud.endpoints, api, environment, seen, say, json });
    } finally {
      const code = await cloud.stop();
      seen.checks["nothingLeftBehind"] =
        code === 0 && processesUnder(directory).length === 0 && mountsUnder(directory).length === 0;
    }
  } catch (error) {
    say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const held = allHeld(seen, EXPECTED);
  if (json) process.stdout.write(`${JSON.stringify({ ok: held, ...seen }, undefined, 2)}\n`);
  else summary(seen, held, say);
  return held ? 0 : 1;
}

/** What every act of the demo works with. */
interface Stage {
  readonly endpoints: { readonly api: string; readonly aws: string; readonly region: string };
  readonly api: ApiClient;
  readonly environment: NodeJS.ProcessEnv;
  readonly seen: Observations;
  readonly say: (line: string) => void;
  readonly json: boolean;
}

type RunningMember = ClusterView["members"][number] & { readonly instanceId: string };

async function demonstrate(stage: Stage): Promise<void> {
  const { api, seen, say } = stage;
  const before = await createCluster(stage);
  const { leader, survivor } = mastersOf(before);
  const etcdctl = etcdctlOn(api, survivor);
  await etcdctl("put", "demo/greeting", "still here");
  seen.checks["keyWritten"] = (await etcdctl("get", "--print-value-only", "demo/greeting")) === "still here";
  say(
    `\nWrote a key to etcd. Member ${leader.name} in ${leader.zone} leads; now its instance ${leader.instanceId} is terminated,`,
  );
  say(`while another process writes to etcd without a pause.`);

  const others = before.members
    .filter(({ name }) => name !== leader.name)
    .map(({ address }) => `https://${address}:2379`);
  const writer = startWriter(await onHost(api, survivor, ["bash", "-c", WRITE_LOOP, others.join(",")]), seen.writes);
  await until(() => seen.writes.acknowledged > 2, 10_000);
  const acknowledgedBefore = seen.writes.acknowledged;
  const after = await loseMaster(stage, leader);
  await writer.stop();
  seen.checks["writesWentOn"] = seen.writes.acknowledged > acknowledgedBefore + 5;
  seen.checks["quorumAfter"] = after.quorum.healthy === 3;
  seen.checks["keyIntact"] = (await etcdctl("get", "--print-value-only", "demo/greeting")) === "still here";

  const { items } = await api.get(`/clusters/${NAME}/events`, pageOf(EventViewSchema));
  say("\n$ holdfast get events (what was recorded)");
  for (const { time, message } of items) say(`  ${time.slice(11, 23)}  ${message}`);
}

async function createCluster({ api, environment, seen, say, json }: Stage): Promise<ClusterView> {
  say(`$ holdfast ${GUIDE.join(" ")} --yes --wait`);
  const started = Date.now();
  const code = await holdfast([...GUIDE, "--yes", "--wait"], environment, json);
  seen.durations["created"] = Date.now() - started;
  const cluster = await api.get(`/clusters/${NAME}`, ClusterViewSchema);
  seen.checks["clusterActive"] = code === 0 && cluster.status === "ACTIVE";
  seen.checks["quorumBefore"] = cluster.quorum.healthy === 3 && cluster.quorum.leader !== null;
  seen.checks["nodesReady"] = cluster.nodes.filter(({ ready }) => ready).length === 3;
  if (!seen.checks["clusterActive"]) throw new Error(cluster.reason ?? `the cluster is ${cluster.status}`);
  return cluster;
}

/** The one that leads, and another. */
function mastersOf({ members, quorum }: ClusterView): { leader: RunningMember; survivor: RunningMember } {
  const running = members.filter((member): member is RunningMember => member.instanceId !== null);
  const leader = running.find(({ name }) => name === quorum.leader);
  const survivor = running.find(({ name }) => name !== quorum.leader);
  if (!leader || !survivor) throw new Error("the cluster has no leader");
  return { leader, survivor };
}

const HostCommandSchema = z.object({ command: z.string(), args: z.array(z.string()) });

function onHost(api: ApiClient, { instanceId }: RunningMember, argv: readonly string[]): Promise<HostCommand> {
  return api.post("/_shell", { instanceId, argv }, HostCommandSchema);
}

function etcdctlOn(api: ApiClient, member: RunningMember): (...args: string[]) => Promise<string> {
  const script = 'set -a; . /etc/holdfast/etcdctl; exec etcdctl "$@"';
  return async (...args) => captureCommand(await onHost(api, member, ["bash", "-c", script, "etcdctl", ...args]));
}

/** Terminates the instance of a master, and shows how the cluster heals. */
async function loseMaster({ endpoints, api, seen, say }: Stage, lost: RunningMember): Promise<ClusterView> {
  const ec2 = new EC2Client({
    endpoint: endpoints.aws,
    region: endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });
  const killed = Date.now();
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [lost.instanceId] }));
  seen.checks["leaderTerminated"] = true;
  say(`\n$ aws ec2 terminate-instances --instance-ids ${lost.instanceId}`);

  const look = () => api.get(`/clusters/${NAME}`, ClusterViewSchema);
  const after = await watchRepair(look, lost.instanceId, lost.name, say, killed);
  seen.durations["repaired"] = Date.now() - killed;
  const back = after.members.find(({ name }) => name === lost.name);
  seen.checks["sameVolumeAndAddress"] = back?.volumeId === lost.volumeId && back.address === lost.address;
  seen.checks["newInstance"] = back !== undefined && back.instanceId !== lost.instanceId;
  return after;
}

/** Prints each change of the cluster until it is whole again on another instance. */
async function watchRepair(
  look: () => Promise<ClusterView>,
  lostInstance: string,
  member: string,
  say: (line: string) => void,
  since: number,
): Promise<ClusterView> {
  let shown = "";
  for (;;) {
    const cluster = await look();
    const { status, members, quorum } = cluster;
    const healths = members.map(({ name, health }) => `${name} ${health}`).join(", ");
    const line = `${status}: ${healths}; quorum ${quorum.healthy}/${quorum.size}`;
    if (line !== shown) say(`  +${seconds(Date.now() - since).padStart(6)}  ${line}`);
    shown = line;
    const replaced = members.find(({ name }) => name === member);
    if (status === "ACTIVE" && replaced?.instanceId !== lostInstance && quorum.healthy === quorum.size) return cluster;
    if (Date.now() - since > REPAIR_LIMIT_MS) throw new Error(`not healed after ${seconds(REPAIR_LIMIT_MS)}: ${line}`);
    await delay(200);
  }
}

async function until(holds: () => boolean, limitMs: number): Promise<void> {
  for (const deadline = Date.now() + limitMs; !holds() && Date.now() < deadline; ) await delay(50);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function summary({ checks, durations, writes }: Observations, held: boolean, say: (line: string) => void): void {
  say("\nSeen:");
  for (const name of EXPECTED) say(`  ${checks[name] ? "✓" : "✗"} ${name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}`);
  say(`\n${writes.acknowledged} writes acknowledged, longest gap ${seconds(writes.maxGapMs)}.`);
  for (const [name, ms] of Object.entries(durations))
    say(`${name.replaceAll(/([A-Z])/g, " $1").toLowerCase()}: ${seconds(ms)}`);
  say(held ? "\nThe cluster lost its leader and healed itself." : "\nNot everything was seen that should be.");
}
