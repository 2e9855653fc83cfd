import {
  type ClusterView,
  ClusterViewSchema,
  EventViewSchema,
  type OperationView,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { ApiRefused, CommandFailed, notFound } from "../api-errors.ts";
import {
  clustersText,
  clusterText,
  eventsText,
  membersText,
  nodeGroupsOf,
  nodeGroupsText,
  nodesTable,
  operationsText,
} from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { GetList } from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { WIDE } from "../tables.ts";
import { followToEnd } from "./follow-operation.ts";

/** One cluster as the API gives it, or the list of all as `{items}`. */
export async function getClusters(command: GetList, session: Session): Promise<ExitCode> {
  if (command.name !== null) {
    const cluster = await getCluster(command.name, session);
    return print(cluster, (width) => clusterText(cluster, session.terminal, width), command, session);
  }
  const items = await session.api.list("/clusters", ClusterViewSchema, command.filters);
  return print({ items }, (width) => clustersText(items, width), command, session);
}

/** `{items}`, each with the name of its cluster. */
export async function getMembers(command: GetList, session: Session): Promise<ExitCode> {
  const clusters = await clustersNamed(command.name, session);
  const items = clusters.flatMap(({ name, members }) => members.map((member) => ({ cluster: name, ...member })));
  return print({ items }, (width) => membersText(clusters, width), command, session);
}

export async function getNodes(command: GetList, session: Session): Promise<ExitCode> {
  const clusters = await clustersNamed(command.name, session);
  const items = clusters.flatMap(({ name, nodes }) => nodes.map((node) => ({ cluster: name, ...node })));
  return print({ items }, (width) => nodesTable(clusters, width), command, session);
}

export async function getNodeGroups(command: GetList, session: Session): Promise<ExitCode> {
  const clusters = await clustersNamed(command.name, session);
  const items = clusters.flatMap(nodeGroupsOf);
  return print({ items }, (width) => nodeGroupsText(clusters, width), command, session);
}

/** `name` is a cluster's, or the id of an operation. */
export async function getOperations(command: GetList, session: Session): Promise<ExitCode> {
  const { name, filters, follow } = command;
  const items =
    name === null ? await ofAllClusters(session, operationsOf(filters)) : await operationsNamed(session, name, filters);
  if (follow) return followNewest(items, command, session);
  return print({ items }, (width) => operationsText(items, width, name === null), command, session);
}

/** Oldest first. */
export async function getEvents(command: GetList, session: Session): Promise<ExitCode> {
  const { name, filters } = command;
  const read = async (at: Session, cluster: string) =>
    (await at.api.list(`${pathOf(cluster)}/events`, EventViewSchema, filters)).map((event) => ({ event, of: cluster }));
  const found = name === null ? await ofAllClusters(session, read) : await read(session, name);
  const sorted = found.toSorted((one, other) => one.event.time.localeCompare(other.event.time));
  const items = sorted.map(({ event }) => event);
  const rows = sorted.map(({ event, of }) => ({ ...event, of }));
  return print({ items }, (width) => eventsText(rows, width, name === null), command, session);
}

function print(
  document: unknown,
  text: (width: number) => string,
  { output, wide }: GetList,
  { terminal }: Session,
): ExitCode {
  terminal.out(output === "table" ? text(wide ? WIDE : terminal.columns) : renderDocument(document, output));
  return EXIT.done;
}

/** The one that runs, of those that are given newest first; the newest if none does. */
function followNewest(items: readonly OperationView[], command: GetList, session: Session): Promise<ExitCode> {
  const operation = items.find(({ status }) => status === "RUNNING") ?? items[0];
  if (!operation) throw new CommandFailed("There is no operation to follow.", EXIT.notFound);
  return followToEnd(operation, command.output, session);
}

function getCluster(name: string, { api }: Session): Promise<ClusterView> {
  return api.get(pathOf(name), ClusterViewSchema);
}

/** Without those that are deleted: what they had is gone. */
async function clustersNamed(name: string | null, session: Session): Promise<ClusterView[]> {
  const found =
    name === null ? await session.api.list("/clusters", ClusterViewSchema) : [await getCluster(name, session)];
  return found.filter(({ status }) => status !== "DELETED");
}

function operationsOf(filters: GetList["filters"]) {
  return ({ api }: Session, cluster: string): Promise<OperationView[]> =>
    api.list(`${pathOf(cluster)}/operations`, OperationViewSchema, filters);
}

async function operationsNamed(session: Session, name: string, filters: GetList["filters"]): Promise<OperationView[]> {
  try {
    return await operationsOf(filters)(session, name);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    return [await operationWithId(session, name)];
  }
}

async function operationWithId({ api }: Session, id: string): Promise<OperationView> {
  try {
    return await api.get(`/operations/${encodeURIComponent(id)}`, OperationViewSchema);
  } catch (error) {
    // It may have been meant as either.
    throw isUnknown(error) ? notFound(`there is no cluster ${id}, and no operation with this id`) : error;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiRefused && error.status === 404;
}

async function ofAllClusters<Item>(
  session: Session,
  read: (session: Session, cluster: string) => Promise<Item[]>,
): Promise<Item[]> {
  const clusters = await session.api.list("/clusters", ClusterViewSchema);
  const lists: Item[][] = [];
  for (const { name } of clusters) lists.push(await read(session, name));
  return lists.flat();
}

function pathOf(cluster: string): string {
  return `/clusters/${encodeURIComponent(cluster)}`;
}
