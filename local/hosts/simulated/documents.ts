import type { RunResult } from "../driver.ts";
import { drillBackup, saveSnapshot, simulatedHash } from "./backup.ts";
import { type EtcdMember, type EtcdProcess, EtcdRefused, type EtcdStatus, MAX_LEARNERS } from "./etcd-types.ts";
import type { SimulatedHost } from "./host.ts";
import { type Job, runJob } from "./jobs.ts";
import { deleteNode, drainNode, installAddOns, isApiReady, listNodes, uploadConfig } from "./kubernetes.ts";
import { volumeProblem } from "./own-volume.ts";
import { RESTORE_DOCUMENTS, RESTORE_JOBS } from "./restore-documents.ts";
import { holdsWithin } from "./retry.ts";

/** `--command-timeout` of the questions about health, and of the other commands of etcdctl. */
const HEALTH_MS = 2_000;
const COMMAND_MS = 5_000;
/** How long `await-nodes` waits. */
const NODES_MS = 15_000;

export interface Document {
  /** What only the script of this document contains. */
  readonly sign: RegExp;
  readonly run: (host: SimulatedHost, script: string) => Promise<string>;
}

function ended(exitCode: number, stdout: string, stderr = ""): RunResult {
  return {
    exitCode,
    stdout,
    stderr,
    timedOut: false,
  };
}

/** The documents of `functions/hosts/documents`, by their commands. What is no such document cannot run here. */
export async function runDocument(host: SimulatedHost, script: string): Promise<RunResult> {
  const job = JOBS.find(({ sign }) => sign.test(script));
  if (job && script.includes("holdfast-job-")) return ended(0, await runJob(host, script, job));
  const document = DOCUMENTS.find(({ sign }) => sign.test(script));
  if (!document) return ended(127, "", "a simulated host runs Holdfast's own documents only\n");
  try {
    return ended(0, await document.run(host, script));
  } catch (error) {
    if (!host.up) throw error;
    return ended(1, "", `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Documents of `JOBS` in infra/constructs/host-documents.ts: what they do, and the result that they print. */
const JOBS: readonly Job[] = [
  { sign: /"unknownCount"/, run: drillBackup },
  { sign: /kubectl drain/, run: async (host) => drainNode(host) },
  { sign: /etcdctl snapshot save/, run: async (host, script) => saveSnapshot(host, ownEtcd(host), script) },
  ...RESTORE_JOBS,
];

const DOCUMENTS: readonly Document[] = [
  ...RESTORE_DOCUMENTS,
  { sign: /etcdctl endpoint hashkv/, run: async (host) => simulatedHash(ownEtcd(host)) },
  { sign: /etcdctl endpoint status --cluster/, run: memberProgress },
  { sign: /etcdctl endpoint status/, run: memberHealth },
  { sign: /read -ra learners/, run: addLearners },
  { sign: /^keeper=/m, run: changeVoters },
  {
    sign: /etcdctl move-leader/,
    run: async (host, script) => {
      const id = BigInt(`0x${read(script, /move-leader [^\n]*"([0-9a-f]+)"/)}`);
      host.network.etcd.moveLeader(ownEtcd(host), id);
      return `Leadership transferred to ${id.toString(16)}\n`;
    },
  },
  { sign: /etcdctl member promote/, run: promoteMember },
  { sign: /etcdctl member add/, run: renewMember },
  { sign: /etcdctl member remove/, run: removeLearner },
  { sign: /etcdctl member list/, run: async (host) => `${await memberList(host)}max-learners ${MAX_LEARNERS}\n` },
  {
    sign: /kubeadm init phase upload-config/,
    run: async (host) => {
      if (!(await holdsWithin(host, COMMAND_MS, () => host.files.booted === true && isApiReady(host))))
        throw new EtcdRefused("this master has not finished its boot");
      uploadConfig(host);
      return "finished\n";
    },
  },
  {
    sign: /helm template/,
    run: async (host, script) => {
      const list = Buffer.from(read(script, /base64 -d <<<'([^']+)'/), "base64").toString();
      await host.take("addOns");
      installAddOns(host, list.trimEnd().split("\n"));
      return "installed\n";
    },
  },
  {
    sign: /get --raw \/readyz/,
    run: async (host) => {
      if (!(await holdsWithin(host, COMMAND_MS, () => isApiReady(host))))
        throw new EtcdRefused("the API does not answer");
      return "ok";
    },
  },
  {
    sign: /delete node/,
    run: async (host, script) => {
      for (const name of read(script, /delete node ([^-]\S*(?: i-\S+)*) --/).split(" ")) deleteNode(host, name);
      return "";
    },
  },
  {
    sign: /until \(\(\$\(such\)/,
    run: async (host, script) => {
      const states = new RegExp(`^\\S+ (?:${read(script, /grep -cE '([^']+)'/)}) (.+)$`);
      const such = () =>
        listNodes(host)
          .split("\n")
          .reduce((sum, line) => sum + (states.exec(line)?.[1]?.split(" ").length ?? 0), 0);
      await holdsWithin(host, NODES_MS, () => such() >= Number(read(script, /until .*>= (\d+)/)));
      return listNodes(host);
    },
  },
  { sign: /get nodes/, run: async (host) => listNodes(host) },
];

async function memberHealth(host: SimulatedHost): Promise<string> {
  const { master } = host.files;
  if (!master) return '{"member":null,"healthy":false,"status":null}\n';
  const { etcd } = host.network;
  const ask = () => (host.etcd ? etcd.statusOf(host.etcd) : undefined);
  const problem = volumeProblem(host, master);
  const isHealthy = () => problem === undefined && host.etcd !== undefined && etcd.isHealthy(host.etcd);
  // A learner refuses at once; all others are waited for.
  const healthy = await holdsWithin(host, HEALTH_MS, () => isHealthy() || ask()?.learner === true).then(isHealthy);
  const { count, said } = host.etcdUnit.refusals;
  const held = !healthy && host.files.held?.etcd ? ',"held":true' : "";
  const why = healthy || count === 0 ? "" : `,"unit":"activating","restarts":${count},"said":"${said}","data":true`;
  const volume = problem === undefined ? `"volume":"${master.volumeId}"` : `"volumeProblem":"${problem}"`;
  const kubernetes = `"boot":"${host.files.booted ? "done" : "running"}","apiServer":${host.apiReady}`;
  return `{"member":"${master.member}","rootFreeKiB":1000000,${volume},${kubernetes},"generation":${master.generation},"healthy":${healthy},"status":${statusJson(host, ask())}${why}${held}}\n`;
}

/** One look stands for all that the document takes: whoever answers here is level with the leader. */
async function memberProgress(host: SimulatedHost): Promise<string> {
  await members(host);
  const seen = host.network.etcd.statusesSeenBy(ownEtcd(host));
  const statuses = [...seen].map(([url, status]) => statusText(url.replace(/:2380$/, ":2379"), status));
  return `[${statuses.join(",")}]\n`.repeat(4);
}

function statusJson(host: SimulatedHost, status: EtcdStatus | undefined): string {
  return status && host.etcd ? `[${statusText("https://127.0.0.1:2379", status)}]` : "null";
}

/** As `etcdctl endpoint status -w json`: ids are numbers of 64 bits, and what is 0 or false is left out. */
function statusText(endpoint: string, { clusterId, memberId, leader, term, learner, index }: EtcdStatus): string {
  const header = `{"cluster_id":${clusterId},"member_id":${memberId},"revision":${index},"raft_term":${term}}`;
  const more = `${leader === 0n ? "" : `,"leader":${leader}`},"raftIndex":${index},"raftTerm":${term},"raftAppliedIndex":${index}${learner ? ',"isLearner":true' : ""}`;
  return `{"Endpoint":"${endpoint}","Status":{"header":${header},"version":"simulated"${more}}}`;
}

async function promoteMember(host: SimulatedHost, script: string): Promise<string> {
  const peerUrl = read(script, /grep -F ", (\S+), "/);
  const member = (await members(host)).find((candidate) => candidate.peerUrl === peerUrl);
  if (!member?.learner) return "a voter already\n";
  host.network.etcd.promote(ownEtcd(host), member.id);
  return `Member ${member.id.toString(16)} promoted\n`;
}

async function renewMember(host: SimulatedHost, script: string): Promise<string> {
  const formerId = BigInt(`0x${read(script, /grep -q "\^([0-9a-f]+), "/)}`);
  const peerUrl = read(script, /--peer-urls="(\S+)"/);
  const { etcd } = host.network;
  let output = "";
  if ((await members(host)).some(({ id }) => id === formerId)) {
    etcd.remove(ownEtcd(host), formerId);
    output += `Member ${formerId.toString(16)} removed\n`;
  }
  if (!(await members(host)).some((member) => member.peerUrl === peerUrl)) {
    const added = etcd.addLearner(ownEtcd(host), peerUrl);
    output += `Member ${added.id.toString(16)} added\n`;
  }
  return output;
}

async function removeLearner(host: SimulatedHost, script: string): Promise<string> {
  const peerUrl = read(script, /grep -F ", (\S+), "/);
  const member = (await members(host)).find((candidate) => candidate.peerUrl === peerUrl);
  if (!member?.learner) return "no learner\n";
  host.network.etcd.remove(ownEtcd(host), member.id);
  return `Member ${member.id.toString(16)} removed\n`;
}

async function addLearners(host: SimulatedHost, script: string): Promise<string> {
  let output = "";
  for (const learner of read(script, /read -ra learners <<<"([^"]+)"/).split(" ")) {
    const peerUrl = learner.slice(learner.indexOf("=") + 1);
    if ((await members(host)).some((member) => member.peerUrl === peerUrl)) continue;
    const added = host.network.etcd.addLearner(ownEtcd(host), peerUrl);
    output += `Member ${added.id.toString(16)} added\n`;
  }
  return output;
}

/** As the script: learners vote, the leadership goes to the one that stays, and members go. */
async function changeVoters(host: SimulatedHost, script: string): Promise<string> {
  const { etcd } = host.network;
  const promote = read(script, /read -ra promote <<<"([^"]+)"/);
  const remove = read(script, /read -ra remove <<<"([^"]+)"/);
  const keeper = read(script, /^keeper="(\S+)"/m);
  const at = async (url: string) => (await members(host)).find(({ peerUrl }) => peerUrl === url);
  for (const url of promote.split(" ")) {
    const member = await at(url);
    if (member?.learner) etcd.promote(ownEtcd(host), member.id);
  }
  const heir = await at(keeper);
  const leaving = await Promise.all(remove.split(" ").map(at));
  if (heir && leaving.some((member) => member?.id === etcd.statusOf(ownEtcd(host))?.leader))
    etcd.moveLeaderTo(ownEtcd(host), heir.id);
  // As the one that stays lists them: the etcd of this host may have to go itself.
  const left = (await members(host)).filter(({ id }) => !leaving.some((member) => member?.id === id));
  for (const member of leaving) if (member) etcd.remove(ownEtcd(host), member.id);
  return left.map(lineOf).join("");
}

async function memberList(host: SimulatedHost): Promise<string> {
  return (await members(host)).map(lineOf).join("");
}

/** `etcdctl member list`, which waits for a majority. */
async function members(host: SimulatedHost): Promise<readonly EtcdMember[]> {
  const process = ownEtcd(host);
  await holdsWithin(host, COMMAND_MS, () => host.network.etcd.isHealthy(process));
  return host.network.etcd.stateOf(process).members;
}

function lineOf({ id, name, peerUrl, learner }: EtcdMember): string {
  const client = name === "" ? "" : peerUrl.replace(/:2380$/, ":2379");
  return `${id.toString(16)}, ${name === "" ? "unstarted" : "started"}, ${name}, ${peerUrl}, ${client}, ${learner}\n`;
}

function ownEtcd(host: SimulatedHost): EtcdProcess {
  if (!host.etcd) throw new EtcdRefused("connection refused");
  return host.etcd;
}

function read(script: string, pattern: RegExp): string {
  const found = pattern.exec(script)?.[1];
  if (found === undefined) throw new Error(`the document does not say ${pattern.source}`);
  return found;
}
