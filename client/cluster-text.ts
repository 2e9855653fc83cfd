import type {
  ClusterStatus,
  ClusterView,
  EventView,
  MemberView,
  NodeView,
  OperationView,
} from "../functions/domain/api/views.ts";
import { formatDuration } from "./durations.ts";
import { type Column, table, wrap } from "./tables.ts";
import { printable, type Style, type Terminal } from "./terminal.ts";

const STYLES: Readonly<Record<ClusterStatus, Style>> = {
  ACTIVE: "green",
  CREATING: "yellow",
  REPAIRING: "yellow",
  UPDATING: "yellow",
  DEGRADED: "red",
  FAILED: "red",
  DELETING: "dim",
  DELETED: "dim",
};

/** What belongs to a cluster, beside the cluster's name: lists are of one cluster or of all. */
export type Of<Item> = Item & { readonly of: string };

const CLUSTERS: readonly Column<ClusterView>[] = [
  { head: "NAME", of: ({ name }) => name },
  { head: "STATUS", of: ({ status }) => status },
  { head: "MEMBERS", of: ({ quorum }) => `${quorum.healthy}/${quorum.size}`, rank: 1 },
  { head: "LEADER", of: ({ quorum }) => quorum.leader ?? "none", rank: 3 },
  { head: "NODES", of: (cluster) => nodesText(cluster).replace(" ready", ""), rank: 2 },
  { head: "ZONES", of: (cluster) => zonesOf(cluster).join(","), rank: 5 },
  { head: "VERSION", of: kubernetesOf, rank: 4 },
  { head: "BACKUP", of: backupAge, rank: 6 },
  { head: "OPERATION", of: ({ operation }) => operation ?? "-" },
];

const MEMBERS: readonly Column<{ readonly member: MemberView; readonly leader: string | null; readonly of: string }>[] =
  [
    { head: "CLUSTER", of: ({ of }) => of },
    { head: "MEMBER", of: ({ member }) => member.name },
    { head: "ZONE", of: ({ member }) => member.zone },
    { head: "ADDRESS", of: ({ member }) => member.address, rank: 2 },
    { head: "HEALTH", of: ({ member }) => member.health },
    { head: "ROLE", of: ({ member, leader }) => (member.name === leader ? "leader" : ""), rank: 1 },
    { head: "INSTANCE", of: ({ member }) => member.instanceId ?? "-" },
    { head: "VOLUME", of: ({ member }) => member.volumeId ?? "-" },
    { head: "CERTIFICATES UNTIL", of: ({ member }) => member.certificatesUntil?.slice(0, 10) ?? "-", rank: 3 },
  ];

const NODES: readonly Column<Of<NodeView>>[] = [
  { head: "CLUSTER", of: ({ of }) => of },
  { head: "NODE", of: ({ name }) => name },
  { head: "ZONE", of: ({ zone }) => zone },
  { head: "STATE", of: ({ ready }) => (ready ? "ready" : "not ready") },
  { head: "INSTANCE", of: ({ instanceId }) => instanceId, rank: 1 },
];

/** The nodes of one zone, which an Auto Scaling group of their own keeps. */
interface NodeGroup {
  readonly cluster: string;
  readonly name: string;
  readonly zone: string;
  readonly instanceType: string;
  /** That it is to have. */
  readonly count: number;
  readonly ready: number;
}

const NODE_GROUPS: readonly Column<NodeGroup>[] = [
  { head: "CLUSTER", of: ({ cluster }) => cluster },
  { head: "NODE GROUP", of: ({ name }) => name },
  { head: "ZONE", of: ({ zone }) => zone },
  { head: "TYPE", of: ({ instanceType }) => instanceType, rank: 1 },
  { head: "READY", of: ({ ready, count }) => `${ready}/${count}` },
];

const OPERATIONS: readonly Column<OperationView>[] = [
  { head: "ID", of: ({ id }) => id },
  { head: "CLUSTER", of: ({ cluster }) => cluster },
  { head: "KIND", of: ({ kind }) => kind, rank: 3 },
  { head: "STATUS", of: ({ status }) => status },
  { head: "STARTED", of: ({ startedAt }) => timeText(startedAt), rank: 1 },
  { head: "TOOK", of: tookText, rank: 2 },
  { head: "LAST STEP", of: ({ steps }) => steps.at(-1)?.name ?? "-", rank: 4 },
];

const EVENTS: readonly Column<Of<EventView>>[] = [
  { head: "TIME", of: ({ time }) => timeText(time) },
  { head: "CLUSTER", of: ({ of }) => of },
  { head: "TYPE", of: ({ type }) => type, rank: 2 },
  { head: "MEMBER", of: ({ member }) => member ?? "-", rank: 1 },
  {
    head: "MESSAGE",
    of: ({ message, by }) => (by ? `${message} By ${by.principal}, from ${by.sourceIp}.` : message),
    text: true,
  },
];

export function clustersText(clusters: readonly ClusterView[], width: number): string {
  return clusters.length === 0 ? "no clusters\n" : table(CLUSTERS, clusters, width);
}

export function membersText(clusters: readonly ClusterView[], width: number): string {
  const rows = clusters.flatMap(({ name, members, quorum }) =>
    members.map((member) => ({ member, leader: quorum.leader, of: name })),
  );
  return rows.length === 0 ? "no members\n" : table(ofOne(MEMBERS, clusters.length), rows, width);
}

export function nodesTable(clusters: readonly ClusterView[], width: number): string {
  const rows = clusters.flatMap(({ name, nodes }) => nodes.map((node) => ({ ...node, of: name })));
  if (rows.length === 0) return "no nodes\n";
  // A node is called as its instance, unless the cloud controller is another one: one value is shown once.
  const isTwice = rows.every(({ name, instanceId }) => name === instanceId);
  const columns = ofOne(NODES, clusters.length).filter(({ head }) => head !== "INSTANCE" || !isTwice);
  return table(columns, rows, width);
}

export function nodeGroupsOf({ name: cluster, plan, nodes, spec }: ClusterView): NodeGroup[] {
  return plan.nodes.map(({ zone, count }) => ({
    cluster,
    name: `nodes-${zone}`,
    zone,
    instanceType: spec.nodeSize,
    count,
    ready: nodes.filter((node) => node.zone === zone && node.ready).length,
  }));
}

export function nodeGroupsText(clusters: readonly ClusterView[], width: number): string {
  const groups = clusters.flatMap(nodeGroupsOf);
  return groups.length === 0 ? "no node groups\n" : table(ofOne(NODE_GROUPS, clusters.length), groups, width);
}

/** One cluster in full: status, members, quorum, nodes. */
export function clusterText(cluster: ClusterView, terminal: Terminal, width = terminal.columns): string {
  const masters = [...new Set(cluster.members.map(({ zone }) => zone))].join(", ");
  const nodes = zonesOfNodes(cluster).join(", ");
  return [
    `${terminal.paint("bold", cluster.name)}  ${terminal.paint(STYLES[cluster.status], cluster.status)}`,
    ...(cluster.reason ? wrap(printable(cluster.reason), width) : []),
    `Endpoint    ${cluster.endpoint ?? "-"}`,
    `Kubernetes  ${kubernetesOf(cluster)}`,
    `Zones       ${masters === nodes || nodes === "" ? masters : `masters in ${masters}; nodes in ${nodes}`}`,
    ...(cluster.operation ? [`Operation   ${cluster.operation}`] : []),
    ...(cluster.migration ? [`Migration   ${printable(migrationPhrase(cluster.migration))}`] : []),
    "",
    membersText([cluster], width),
    `Quorum      ${quorumText(cluster)}`,
    `Nodes       ${nodesText(cluster)}`,
    `Backup      ${backupText(cluster)}`,
    `Drill       ${drillText(cluster)}`,
    ...(cluster.nodes.length > 0 ? ["", nodesTable([cluster], width)] : [""]),
  ].join("\n");
}

/** `all`: of all clusters, so that each line says of which. The error of one that failed stands below the table. */
export function operationsText(operations: readonly OperationView[], width: number, all: boolean): string {
  if (operations.length === 0) return "no operations\n";
  const errors = operations.flatMap(({ id, error }) =>
    error ? ["", ...wrap(`${id}: ${printable(error.message)}`, width), ...wrap(printable(error.remedy), width)] : [],
  );
  const lines = errors.map((line) => `${line}\n`).join("");
  return `${table(ofOne(OPERATIONS, all ? 2 : 1, 5), operations, width)}${lines}`;
}

export function eventsText(events: readonly Of<EventView>[], width: number, all: boolean): string {
  if (events.length === 0) return "no events\n";
  return table(ofOne(EVENTS, all ? 2 : 1), events, width);
}

/** Whoever asked for one cluster knows its name: there the column is the first to go, or not shown at all. */
function ofOne<Row>(columns: readonly Column<Row>[], clusters: number, rank?: number): readonly Column<Row>[] {
  if (clusters > 1) return columns;
  if (rank === undefined) return columns.filter(({ head }) => head !== "CLUSTER");
  return columns.map((column) => (column.head === "CLUSTER" ? { ...column, rank } : column));
}

/** Age of the last verified backup: `12m05s`, `none`, or `off`. */
function backupAge({ backup }: ClusterView): string {
  if (!backup) return "-";
  if (backup.intervalMinutes === 0) return "off";
  return backup.lastVerifiedAt === null ? "none" : formatDuration(Date.now() - Date.parse(backup.lastVerifiedAt));
}

/** `2026-11-25T100000Z-4f1c, 12m05s old`. */
function backupText(cluster: ClusterView): string {
  const { backup } = cluster;
  if (!backup?.lastVerifiedId) return backupAge(cluster);
  return `${backup.lastVerifiedId}, ${backupAge(cluster)} old`;
}

/** `us-west-2a → us-west-2a,us-west-2b,us-west-2c: 0 of 2 done, b, c: learn`. */
function migrationPhrase({ from, to, changes, done, current }: NonNullable<ClusterView["migration"]>): string {
  const now = current ? `, ${current.slot}: ${current.phase}` : "";
  return `${from.join(",")} → ${to.join(",")}: ${done.length} of ${changes.length} done${now}`;
}

/** Of the last drill that passed, and why the last one did not. */
function drillText({ backup }: ClusterView): string {
  if (!backup?.drill) return "-";
  const { schedule, lastOkAt, lastOkId, lastError } = backup.drill;
  const failed = lastError === null ? "" : `; the last one failed: ${lastError}`;
  if (lastOkAt === null) return `${schedule === "off" ? "off" : "none yet"}${failed}`;
  return `passed ${formatDuration(Date.now() - Date.parse(lastOkAt))} ago, of ${lastOkId ?? "-"}${failed}`;
}

function kubernetesOf({ versions, spec }: ClusterView): string {
  return versions?.kubernetes ?? spec.kubernetesVersion;
}

/** Where it has masters or nodes. */
function zonesOf(cluster: ClusterView): string[] {
  return [...new Set([...cluster.members.map(({ zone }) => zone), ...zonesOfNodes(cluster)])];
}

/** Where nodes are, or are to be. */
function zonesOfNodes({ nodes, plan }: ClusterView): string[] {
  return [...new Set([...plan.nodes.map(({ zone }) => zone), ...nodes.map(({ zone }) => zone)])];
}

/** `3/3, 2 needed, leader b`. */
export function quorumText({ quorum }: ClusterView): string {
  return `${quorum.healthy}/${quorum.size}, ${quorum.needed} needed, ${quorum.leader ? `leader ${quorum.leader}` : "no leader"}`;
}

/** `2/3 ready`. */
export function nodesText({ nodes, spec }: ClusterView): string {
  return `${nodes.filter((node) => node.ready).length}/${Math.max(spec.nodeCount, nodes.length)} ready`;
}

/** Without milliseconds. */
function timeText(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

function tookText({ startedAt, finishedAt }: OperationView): string {
  return finishedAt ? formatDuration(Date.parse(finishedAt) - Date.parse(startedAt)) : "-";
}
