import { invokeFunction, lambda } from "../aws/lambda/invoke.ts";
import type { Caller, Signature } from "../domain/access/caller.ts";
import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import { toEndpointView } from "../domain/api/endpoint-views.ts";
import { refOf } from "../domain/api/fleet-requests.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { FleetUnknown, RolloutUnknown } from "../domain/cluster/errors.ts";
import type { EndpointRecord } from "../domain/fleet/endpoint-records.ts";
import { type FleetRecord, LOCAL } from "../domain/fleet/fleet-records.ts";
import { clustersOf, toFleetView, toSummary } from "../domain/fleet/fleet-view.ts";
import type { RolloutRecord } from "../domain/fleet/rollout-records.ts";
import { toRolloutView } from "../domain/fleet/rollout-view.ts";
import { may, requireWithinLimits } from "../runtime/access.ts";
import { type ApiCall, answering, apiHandlers } from "../runtime/api-handler.ts";
import { systemClock } from "../runtime/clock.ts";
import { lazily, NonEmpty, readEnv } from "../runtime/env.ts";
import type { Reply } from "../runtime/problems.ts";
import { table } from "../runtime/table.ts";
import { openEndpointStore } from "../store/endpoints.ts";
import { openFleetStore } from "../store/fleet-store.ts";
import { listKnownClusters } from "../usecases/fleet/known-clusters.ts";
import { type EndpointDeps, joinHub, leaveHub } from "../usecases/fleet/manage-endpoints.ts";
import {
  createFleet,
  deleteFleet,
  type FleetChange,
  type ManageDeps,
  planFleet,
  updateFleet,
} from "../usecases/fleet/manage-fleets.ts";
import { actOnRollout, beginRollout, planNewRollout, rollBack } from "../usecases/fleet/manage-rollouts.ts";

const env = lazily(() => readEnv({ FLEET_FUNCTION: NonEmpty }));
const endpoints = openEndpointStore(table);
const deps: ManageDeps & EndpointDeps = {
  fleets: openFleetStore(table),
  clock: systemClock,
  clusters: () => listKnownClusters(table, endpoints, systemClock.now()),
  endpoints,
  refresh: async (names) => void (await invokeFunction(lambda, env().FLEET_FUNCTION, { refresh: names })),
};

/** To whom may read none of its clusters, a fleet is not there; an empty one is there for who may read all. */
function isShown(caller: Caller, clusters: readonly unknown[]): boolean {
  return clusters.length > 0 || may(caller, "read", "*");
}

async function viewOf(caller: Caller, fleet: FleetRecord) {
  const view = toFleetView(fleet, await deps.clusters(), (name) => may(caller, "read", name));
  if (!isShown(caller, view.clusters)) throw new FleetUnknown(`there is no fleet ${fleet.name}`);
  return view;
}

type GivenChange = Omit<FleetChange, "clusters"> & { readonly clusters?: readonly Parameters<typeof refOf>[0][] };

function changeOf({ clusters, selector, policy, strategy }: GivenChange, policyBy: Signature): FleetChange {
  return {
    ...(clusters ? { clusters: clusters.map(refOf) } : {}),
    ...(selector === undefined ? {} : { selector }),
    ...(policy ? { policy, policyBy } : {}),
    ...(strategy === undefined ? {} : { strategy }),
  };
}

const create = answering(REQUESTS.createFleet, async ({ body, caller, by }) => {
  const change = changeOf(body, by);
  if (body.dryRun) return { status: 200, body: await viewOf(caller, await planFleet(deps, body.name, change)) };
  const fleet = await createFleet(deps, body.name, change);
  return { status: 201, body: await viewOf(caller, fleet) };
});

const list = answering(REQUESTS.listFleets, async ({ query: { limit, cursor }, caller }) => {
  const after = cursor === undefined ? "" : positionOf(cursor);
  const [fleets, clusters] = await Promise.all([deps.fleets.listFleets(), deps.clusters()]);
  const shown = fleets
    .filter(({ name }) => name > after)
    .map((fleet) => toFleetView(fleet, clusters, (name) => may(caller, "read", name)))
    .filter((view) => isShown(caller, view.clusters));
  const page = shown.slice(0, limit);
  const last = page.at(-1)?.name;
  const nextCursor = last !== undefined && shown.length > page.length ? { nextCursor: cursorOf(last) } : {};
  return { status: 200, body: { items: page.map(toSummary), ...nextCursor } };
});

const get = answering(REQUESTS.getFleet, async ({ path, query, caller }) => {
  const fleet = await deps.fleets.getFleet(path.fleet);
  if (query.fresh === "true") {
    await viewOf(caller, fleet);
    const asked = new Set(clustersOf(fleet, await deps.clusters()).map(({ endpoint }) => endpoint));
    asked.delete(LOCAL);
    if (asked.size > 0) await deps.refresh([...asked]);
  }
  return { status: 200, body: await viewOf(caller, fleet) };
});

const update = answering(REQUESTS.updateFleet, async ({ path, body, caller, by }) => ({
  status: 200,
  body: await viewOf(caller, await updateFleet(deps, path.fleet, changeOf(body, by), body.dryRun)),
}));

const remove = answering(REQUESTS.deleteFleet, async ({ path, caller }) => ({
  status: 200,
  body: await viewOf(caller, await deleteFleet(deps, path.fleet)),
}));

type StartCall = Pick<ApiCall<typeof REQUESTS.planRollout>, "path" | "body" | "caller" | "by">;

function startOf({ path: { fleet }, body: { change, strategy }, caller, by }: StartCall) {
  const admit = (...specs: [from: ClusterSpecOf, to: ClusterSpecOf]) => requireWithinLimits(caller, "change", ...specs);
  return { fleet, change, strategy, by, admit };
}
type ClusterSpecOf = Parameters<typeof requireWithinLimits>[3];

const plan = answering(REQUESTS.planRollout, async (call) => {
  const { rollout, left } = await planNewRollout(deps, startOf(call));
  return { status: 200, body: { rollout: toRolloutView(rollout), left: left.map(({ cluster }) => cluster) } };
});

const start = answering(REQUESTS.startRollout, async (call) => {
  const claim = call.claim({ route: REQUESTS.startRollout.route, ...call.path, ...call.body });
  return begun(await beginRollout(deps, { ...startOf(call), claim }));
});

function begun(rollout: RolloutRecord): Reply {
  return { status: 202, headers: { location: `/rollouts/${rollout.id}` }, body: toRolloutView(rollout) };
}

function rolloutOf(caller: Caller, rollout: RolloutRecord) {
  const view = toRolloutView(rollout, (name) => may(caller, "read", name));
  if (!isShown(caller, view.clusters)) throw new RolloutUnknown(`there is no roll-out ${rollout.id}`);
  return view;
}

const listOfFleet = answering(REQUESTS.listRollouts, async ({ path, query: { limit, cursor }, caller }) => {
  await viewOf(caller, await deps.fleets.getFleet(path.fleet));
  const after = cursor === undefined ? undefined : positionOf(cursor);
  const found = (await deps.fleets.listRollouts(path.fleet)).filter(({ id }) => after === undefined || id < after);
  const page = found.slice(0, limit);
  const last = page.at(-1)?.id;
  const nextCursor = last !== undefined && found.length > page.length ? { nextCursor: cursorOf(last) } : {};
  const items = page.map((rollout) => toRolloutView(rollout, (name) => may(caller, "read", name)));
  return { status: 200, body: { items, ...nextCursor } };
});

const getOne = answering(REQUESTS.getRollout, async ({ path, caller }) => ({
  status: 200,
  body: rolloutOf(caller, await deps.fleets.getRollout(path.rollout)),
}));

const act = answering(REQUESTS.actOnRollout, async ({ path, body, caller, by }) => {
  if (body.action === "rollback") return begun(await rollBack(deps, path.rollout, by));
  const { clusters } = await deps.fleets.getRollout(path.rollout);
  // Only administrators may delete, so whoever may is one.
  const is = (role: "operator" | "admin") =>
    clusters.every(({ cluster }) => may(caller, role === "admin" ? "delete" : "change", cluster));
  const rollout = await actOnRollout(deps, path.rollout, body, { name: by.principal, is });
  return { status: 200, body: rolloutOf(caller, rollout) };
});

const join = answering(REQUESTS.joinHub, async ({ body }) => ({
  status: 201,
  body: await endpointView(await joinHub(deps, body)),
}));

const listOfEndpoints = answering(REQUESTS.listEndpoints, async ({ caller }) => {
  // An endpoint may have any cluster.
  const found = may(caller, "read", "*") ? await endpoints.listEndpoints() : [];
  return { status: 200, body: { items: await Promise.all(found.map(endpointView)) } };
});

const leave = answering(REQUESTS.leaveHub, async ({ path }) => {
  const body = await endpointView(await endpoints.getEndpoint(path.endpoint));
  await leaveHub(deps, path.endpoint);
  return { status: 200, body };
});

async function endpointView(endpoint: EndpointRecord) {
  return toEndpointView(endpoint, (await endpoints.listMirror(endpoint.name)).length);
}

/** Fleets and their roll-outs: records only. What a roll-out changes is done by functions/events/tick-rollouts.ts. */
export const handler = apiHandlers(
  ...[create, list, get, update, remove, plan, start, listOfFleet, getOne, act],
  ...[join, listOfEndpoints, leave],
);
