import { setTimeout as delay } from "node:timers/promises";
import { DescribeInstancesCommand, DescribeTagsCommand, DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { OperationViewSchema } from "../../../functions/domain/api/views.ts";
import type { EtcdEndpoints } from "../consistency/endpoints.ts";
import type { EtcdClient } from "../consistency/etcd-client.ts";
import type { Scenario } from "../scenario.ts";
import { checkInvariants } from "./check-invariants.ts";
import type {
  ApiSample,
  CloudSample,
  EtcdSample,
  MemberSample,
  NamedResource,
  OperationSpan,
  RevisionSample,
  Seen,
  Violation,
} from "./observations.ts";

const PERIOD_MS = 500;
const ANSWER_LIMIT_MS = 2_000;

/** Looks on while faults happen, from outside: at etcd, at EC2, at the API, at the log of calls. */
export interface Watcher extends AsyncDisposable {
  /** The latest answers of etcd. */
  latest(): EtcdSample | undefined;
  /** A write that must be there in the end. */
  acknowledged(key: string, value: string): void;
  /** Stops looking; reads what is there in the end. */
  finish(): Promise<void>;
  /** All that was seen so far; `finish` completes it. */
  seen(): Seen;
  violations(): Violation[];
}

export function watchInvariants(scenario: Scenario, cluster: string, endpoints: EtcdEndpoints): Watcher {
  const acknowledged = new Map<string, string>();
  let operations: OperationSpan[] = [];
  let resources: NamedResource[] = [];
  const found = new Map<string, string>();
  const began = Date.now();
  const clients = new Map(endpoints.members.map((member) => [member, endpoints.connect(member)]));
  const { etcd, revisions, cloud, api, stop } = lookOn(scenario, cluster, clients);
  const seen = (): Seen => {
    const size = endpoints.members.length;
    // What came of an earlier call was not seen.
    const calls = scenario.calls.filter(({ startedAt }) => startedAt >= began);
    return { size, etcd, revisions, cloud, api, calls, operations, resources, acknowledged, found };
  };
  return {
    latest: () => etcd.at(-1),
    acknowledged: (key, value) => acknowledged.set(key, value),
    finish: async () => {
      await stop();
      operations = await readOperations(scenario, cluster);
      resources = await readResources(scenario, cluster);
      for (const prefix of prefixesOf(acknowledged)) {
        const read = [...clients.values()].map((client) => client.getAll(prefix, 30_000));
        for (const [key, value] of await Promise.any(read)) found.set(key, value);
      }
    },
    seen,
    violations: () => checkInvariants(seen()),
    [Symbol.asyncDispose]: async () => {
      await stop().catch(() => undefined);
      for (const client of clients.values()) client.close();
    },
  };
}

/** Samples that grow until it is stopped. */
function lookOn(scenario: Scenario, cluster: string, clients: ReadonlyMap<string, EtcdClient>) {
  const etcd: EtcdSample[] = [];
  const revisions: RevisionSample[] = [];
  const cloud: CloudSample[] = [];
  const api: ApiSample[] = [];
  const lookAtEtcd = async (): Promise<void> => {
    const from = Date.now();
    const members = await Promise.all(
      [...clients].map(([member, client]) => askMember(member, client, (sample) => revisions.push(sample))),
    );
    etcd.push({ from, to: Date.now(), members });
  };
  const lookAtCloud = async (): Promise<void> => {
    const { masters, ...rest } = await readCloud(scenario, cluster);
    // Of those that a migration adds and removes, etcd is not asked.
    cloud.push({ ...rest, masters: masters.filter(({ member }) => clients.has(member)) });
  };
  const lookAtApi = async (): Promise<void> => {
    const from = Date.now();
    // While functions are throttled the API says nothing, and so nothing untrue.
    const view = await scenario.cluster(cluster).catch(() => undefined);
    if (view !== undefined) api.push({ from, to: Date.now(), status: view.status });
  };
  const stopping = new AbortController();
  const loops = Promise.all([lookAtEtcd, lookAtCloud, lookAtApi].map((look) => repeat(look, stopping.signal)));
  // A failure is reported by `finish`, which every test awaits.
  loops.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await loops;
  };
  return { etcd, revisions, cloud, api, stop };
}

async function repeat(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await look();
    await delay(PERIOD_MS, undefined, { signal }).catch(() => undefined);
  }
}

function prefixesOf(keys: ReadonlyMap<string, string>): Set<string> {
  return new Set([...keys.keys()].map((key) => `${key.split("/")[0]}/`));
}

async function askMember(
  member: string,
  client: EtcdClient,
  read: (sample: RevisionSample) => void,
): Promise<MemberSample> {
  const from = Date.now();
  try {
    const { revision } = await client.get("watcher", ANSWER_LIMIT_MS);
    read({ from, to: Date.now(), revision });
    const { header, leader, isLearner } = await client.status(ANSWER_LIMIT_MS);
    return { member, healthy: !isLearner, memberId: header.member_id, leaderId: leader, term: header.raft_term };
  } catch {
    return { member, healthy: false, memberId: null, leaderId: null, term: null };
  }
}

async function readCloud({ ec2 }: Scenario, cluster: string): Promise<CloudSample> {
  const Filters = [
    { Name: "tag:holdfast:cluster", Values: [cluster] },
    { Name: "tag-key", Values: ["holdfast:member"] },
  ];
  const [{ Reservations = [] }, { Volumes = [] }] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({ Filters })),
    ec2.send(new DescribeVolumesCommand({ Filters })),
  ]);
  return {
    at: Date.now(),
    masters: Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId = "", State, Tags = [] }) => ({
      instanceId: InstanceId,
      member: Tags.find(({ Key }) => Key === "holdfast:member")?.Value ?? "",
      state: State?.Name ?? "",
    })),
    volumes: Volumes.map(({ VolumeId = "", Attachments = [] }) => ({
      volumeId: VolumeId,
      attachedTo: Attachments.map(({ InstanceId = "" }) => InstanceId),
    })),
  };
}

async function readOperations({ api }: Scenario, cluster: string): Promise<OperationSpan[]> {
  return (await api.list(`/clusters/${cluster}/operations`, OperationViewSchema)).map((operation) => ({
    id: operation.id,
    kind: operation.kind,
    startedAt: Date.parse(operation.startedAt),
    finishedAt: operation.finishedAt === null ? null : Date.parse(operation.finishedAt),
    members: [...new Set(operation.steps.flatMap(({ member }) => member ?? []))],
  }));
}

async function readResources({ ec2 }: Scenario, cluster: string): Promise<NamedResource[]> {
  const tagged = async (key: string, value: string) => {
    const Filters = [
      { Name: "key", Values: [key] },
      { Name: "value", Values: [value] },
    ];
    return (await ec2.send(new DescribeTagsCommand({ Filters }))).Tags ?? [];
  };
  const ours = new Set((await tagged("holdfast:cluster", cluster)).map(({ ResourceId }) => ResourceId));
  return (await tagged("holdfast:resource", "*"))
    .filter(({ ResourceId }) => ours.has(ResourceId))
    .map(({ ResourceType = "", ResourceId = "", Value = "" }) => ({ type: ResourceType, id: ResourceId, name: Value }));
}
