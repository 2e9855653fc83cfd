import {
  ClusterViewSchema,
  type EventView,
  EventViewSchema,
  type OperationView,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { ApiRefused } from "../api-errors.ts";
import { clustersText, clusterText, eventsText, operationsText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { GetList, OutputFormat } from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";

/** One cluster as the API gives it, or the list of all as `{items}`. */
export async function getClusters({ name, output, filters }: GetList, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  if (name !== null) {
    const cluster = await api.get(pathOf(name), ClusterViewSchema);
    return print(cluster, () => clusterText(cluster, terminal), output, session);
  }
  const items = await api.list("/clusters", ClusterViewSchema, filters);
  return print({ items }, () => clustersText(items, terminal), output, session);
}

/** `name` is a cluster's, or the id of an operation. */
export async function getOperations({ name, output, filters }: GetList, session: Session): Promise<ExitCode> {
  const items =
    name === null ? await ofAllClusters(session, operationsOf(filters)) : await operationsNamed(session, name, filters);
  return print({ items }, () => operationsText(items, session.terminal), output, session);
}

/** Oldest first. */
export async function getEvents({ name, output, filters }: GetList, session: Session): Promise<ExitCode> {
  const found =
    name === null ? await ofAllClusters(session, eventsOf(filters)) : await eventsOf(filters)(session, name);
  const items = found.toSorted((one, other) => one.time.localeCompare(other.time));
  return print({ items }, () => eventsText(items, session.terminal), output, session);
}

function print(document: unknown, text: () => string, output: OutputFormat, { terminal }: Session): ExitCode {
  terminal.out(output === "table" ? text() : renderDocument(document, output));
  return EXIT.done;
}

type Filters = GetList["filters"];

function operationsOf(filters: Filters) {
  return ({ api }: Session, cluster: string): Promise<OperationView[]> =>
    api.list(`${pathOf(cluster)}/operations`, OperationViewSchema, filters);
}

function eventsOf(filters: Filters) {
  return ({ api }: Session, cluster: string): Promise<EventView[]> =>
    api.list(`${pathOf(cluster)}/events`, EventViewSchema, filters);
}

async function operationsNamed(session: Session, name: string, filters: Filters): Promise<OperationView[]> {
  try {
    return await operationsOf(filters)(session, name);
  } catch (error) {
    if (!(error instanceof ApiRefused) || error.status !== 404) throw error;
    return [await session.api.get(`/operations/${encodeURIComponent(name)}`, OperationViewSchema)];
  }
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
