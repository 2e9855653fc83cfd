import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeInstancesCommand,
  type Filter,
  GetConsoleOutputCommand,
  type Instance,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import { call } from "../common/aws-errors.ts";
import { fromTags } from "./client.ts";

export interface InstanceFacts {
  readonly instanceId: string;
  readonly state: string;
  readonly zone: string;
  readonly type?: string;
  /** Epoch milliseconds. */
  readonly launchedAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * What EC2 says of these instances. Asked by filter: one id that EC2 has forgotten would fail a call by ids as a whole.
 */
export async function findInstances(ec2: EC2Client, instanceIds: readonly string[]): Promise<InstanceFacts[]> {
  if (instanceIds.length === 0) return [];
  return describeInstances(ec2, [{ Name: "instance-id", Values: [...instanceIds] }]);
}

const NOT_TERMINATED: Filter = {
  Name: "instance-state-name",
  Values: ["pending", "running", "shutting-down", "stopping", "stopped"],
};

/** Every instance of a cluster's masters that is not terminated: each may run, or may be started again. */
export function listLiveMasters(ec2: EC2Client, uid: string): Promise<InstanceFacts[]> {
  return describeInstances(ec2, [
    { Name: `tag:${TAG.uid}`, Values: [uid] },
    { Name: "tag-key", Values: [TAG.member] },
    NOT_TERMINATED,
  ]);
}

/** Every instance of a cluster, of its masters and nodes, that is not terminated. */
export function listLiveInstances(ec2: EC2Client, uid: string): Promise<InstanceFacts[]> {
  return describeInstances(ec2, [{ Name: `tag:${TAG.uid}`, Values: [uid] }, NOT_TERMINATED]);
}

export async function describeInstances(ec2: EC2Client, Filters: Filter[]): Promise<InstanceFacts[]> {
  const { Reservations = [] } = await call(ec2.send(new DescribeInstancesCommand({ Filters })));
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(factsOf);
}

function factsOf(instance: Instance): InstanceFacts {
  return {
    instanceId: instance.InstanceId ?? "",
    state: instance.State?.Name ?? "unknown",
    zone: instance.Placement?.AvailabilityZone ?? "",
    ...(instance.InstanceType === undefined ? {} : { type: instance.InstanceType }),
    launchedAt: instance.LaunchTime?.getTime() ?? Date.now(),
    tags: fromTags(instance.Tags),
  };
}

/** The last lines that an instance printed on its console, printable characters only; EC2 may not have them yet. */
export async function consoleTail(ec2: EC2Client, InstanceId: string): Promise<string> {
  const { Output = "" } = await call(ec2.send(new GetConsoleOutputCommand({ InstanceId })));
  const text = Buffer.from(Output, "base64").toString("utf8");
  const lines = text.split("\n").map((line) => line.replaceAll(/[^\x20-\x7e]/g, "").trim());
  const tail = lines
    .filter((line) => line !== "")
    .slice(-CONSOLE_LINES)
    .join(" | ")
    .slice(-CONSOLE_CHARACTERS);
  return tail === "" ? "(nothing yet)" : tail;
}

/** Enough to see what failed, and short enough for a status page. */
const CONSOLE_LINES = 8;
const CONSOLE_CHARACTERS = 600;

/** Instances that run for all clusters, but for nodes. */
export interface RunningHosts {
  /** Ids of masters' instances. */
  readonly masters: ReadonlySet<string>;
  /** Hosts of drills, which carry the time at which they must be gone. */
  readonly drills: readonly InstanceFacts[];
}

/** Masters and hosts of drills of all clusters: a call for a thousand of them. */
export async function listRunningHosts(ec2: EC2Client): Promise<RunningHosts> {
  const masters = new Set<string>();
  const drills: InstanceFacts[] = [];
  const pages = paginateDescribeInstances(
    { client: ec2, pageSize: 1_000 },
    {
      Filters: [
        { Name: "tag-key", Values: [TAG.member, TAG.expires] },
        { Name: "instance-state-name", Values: ["pending", "running"] },
      ],
    },
  );
  for await (const { Reservations = [] } of pages) {
    for (const facts of Reservations.flatMap(({ Instances = [] }) => Instances).map(factsOf)) {
      if (TAG.member in facts.tags) masters.add(facts.instanceId);
      else drills.push(facts);
    }
  }
  return { masters, drills };
}

/** An instance that is there, or about to be. */
export function isRunning(state: string | undefined): boolean {
  return state === "pending" || state === "running";
}

/** Cluster and member that an instance says it belongs to; undefined for anything that is not a master of ours. */
export function masterIdentity(instance: InstanceFacts): { cluster: string; member: string } | undefined {
  const cluster = instance.tags[TAG.cluster];
  const member = instance.tags[TAG.member];
  return cluster !== undefined && member !== undefined ? { cluster, member } : undefined;
}
