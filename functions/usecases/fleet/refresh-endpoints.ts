import type { ClusterView } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { accountOf, type EndpointRecord, isDue, type MirrorRecord } from "../../domain/fleet/endpoint-records.ts";
import type { ClusterRef } from "../../domain/fleet/fleet-records.ts";
import type { Clock } from "../../runtime/clock.ts";
import { logger } from "../../runtime/logger.ts";
import { sideBySide } from "../../runtime/side-by-side.ts";
import type { EndpointStore } from "../../store/endpoints.ts";
import type { RemoteEndpoint } from "./remote-endpoint.ts";

export interface RefreshDeps {
  readonly endpoints: EndpointStore;
  readonly open: (endpoint: EndpointRecord) => RemoteEndpoint;
  /** A cluster that is going, or has gone, answers for no fleet any more. */
  readonly onGone: (cluster: ClusterRef) => Promise<void>;
  readonly clock: Clock;
}

/** Endpoints, or clusters of one, at once. */
const WIDTH = 10;

/** Asks the endpoints that are due, or these, for their clusters, and remembers the answers. None keeps another waiting. */
export async function refreshEndpoints(deps: RefreshDeps, names?: readonly string[]): Promise<void> {
  const all = await deps.endpoints.listEndpoints();
  // A new one may not be in the index yet.
  const missing = (names ?? []).filter((name) => !all.some((each) => each.name === name));
  const read = await Promise.all(missing.map((name) => deps.endpoints.getEndpoint(name)));
  const due = [...all, ...read].filter((each) => names?.includes(each.name) ?? isDue(each, deps.clock.now()));
  await eachOf(due, (endpoint) => refresh(deps, endpoint));
}

function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<unknown> {
  const onError = (_: T, error: unknown): void => {
    logger.warn("an endpoint could not be refreshed", { error: error instanceof Error ? error : String(error) });
  };
  return sideBySide(items, act, { width: WIDTH, mayContinue: () => true, onError });
}

async function refresh(deps: RefreshDeps, endpoint: EndpointRecord): Promise<void> {
  const remote = deps.open(endpoint);
  const now = deps.clock.now().toISOString();
  try {
    const views = await remote.list();
    const isKnown = endpoint.version !== null && endpoint.unreachableSince === null;
    const version = isKnown ? endpoint.version : await remote.version();
    await mirror(deps, endpoint.name, views);
    await note(deps, endpoint, { version, lastSeenAt: now, unreachableSince: null, reason: null });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await note(deps, endpoint, { unreachableSince: endpoint.unreachableSince ?? now, reason });
  }
}

/** Another run may have been faster, or it has left. */
async function note(
  { endpoints }: RefreshDeps,
  former: EndpointRecord,
  seen: Partial<Pick<EndpointRecord, "version" | "lastSeenAt" | "unreachableSince" | "reason">>,
): Promise<void> {
  try {
    await endpoints.writeEndpoint({ ...former, ...seen }, former);
  } catch (error) {
    if (!(error instanceof NotReadyYet)) throw error;
  }
}

/** Only what has changed is written. One that is no longer in the list is forgotten. */
async function mirror(deps: RefreshDeps, endpoint: string, views: readonly ClusterView[]): Promise<void> {
  const known = new Map((await deps.endpoints.listMirror(endpoint)).map((each) => [each.cluster, each]));
  await eachOf(views, (view) => remember(deps, endpoint, view, known.get(view.name)));
  const listed = new Set(views.map(({ name }) => name));
  const forgotten = [...known.values()].filter(({ cluster }) => !listed.has(cluster));
  await eachOf(forgotten, (each) => deps.endpoints.deleteMirror(each));
}

async function remember(
  { endpoints, onGone }: RefreshDeps,
  endpoint: string,
  view: ClusterView,
  former: MirrorRecord | undefined,
): Promise<void> {
  const record = { endpoint, cluster: view.name, view: JSON.stringify(view) };
  if (former?.view === record.view) return;
  if (view.status === "DELETING" || view.status === "DELETED") await onGone({ endpoint, cluster: view.name });
  await endpoints.writeMirror(record);
}

/** Of an event on the bus of the fleet: EventBridge says whose it is, and no sender can say otherwise. */
export interface EndpointEvent {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;
}

/** An event is a hint that something has changed: what, the endpoint itself is asked. From elsewhere it is nothing. */
export async function hearEvent(deps: RefreshDeps, { account, region, cluster }: EndpointEvent): Promise<void> {
  const all = await deps.endpoints.listEndpoints();
  const from = all.filter((each) => accountOf(each) === account && each.region === region);
  if (from.length === 0) logger.warn("an event of no endpoint was left alone", { account, region });
  const reachable = from.filter(({ unreachableSince }) => unreachableSince === null);
  await eachOf(reachable, async (endpoint) => {
    const view = await deps.open(endpoint).get(cluster);
    if (view?.name === cluster) await remember(deps, endpoint.name, view, undefined);
  });
}
