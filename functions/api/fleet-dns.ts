import { ulid } from "ulid";
import * as z from "zod";
import { invokeFunction, lambda } from "../aws/lambda/invoke.ts";
import type { Caller } from "../domain/access/caller.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { IngressViewSchema, toTrafficView } from "../domain/api/traffic-views.ts";
import { BadRequest, FleetUnknown, NotReadyYet } from "../domain/cluster/errors.ts";
import { type ClusterRef, LOCAL } from "../domain/fleet/fleet-records.ts";
import { clustersOf } from "../domain/fleet/fleet-view.ts";
import { parseJson } from "../domain/text/parse-json.ts";
import { type TrafficRequest, warningsOf } from "../domain/traffic/plan-traffic.ts";
import { parseCheck } from "../domain/traffic/traffic-check.ts";
import type { TrafficRecord } from "../domain/traffic/traffic-records.ts";
import { may } from "../runtime/access.ts";
import { type ApiCall, answering, apiHandlers } from "../runtime/api-handler.ts";
import { bind } from "../runtime/bind.ts";
import { systemClock } from "../runtime/clock.ts";
import { lazily, NonEmpty, readEnv } from "../runtime/env.ts";
import { table } from "../runtime/table.ts";
import { getCluster } from "../store/clusters.ts";
import { openEndpointStore } from "../store/endpoints.ts";
import { getFleet } from "../store/fleets.ts";
import { allClusters } from "../store/reconcile.ts";
import { deleteTraffic, findTraffic, listTraffic, writeTraffic } from "../store/traffic.ts";
import { listKnownClusters } from "../usecases/fleet/known-clusters.ts";
import {
  type PlacedCluster,
  previewTraffic,
  readTrafficHealth,
  removeTraffic,
  setTraffic,
  type TrafficDeps,
  trafficCalls,
} from "../usecases/fleet/traffic.ts";

const env = lazily(() => readEnv({ AWS_REGION: NonEmpty, FLEET_FUNCTION: NonEmpty }));
const endpoints = openEndpointStore(table);
const deps: TrafficDeps = {
  traffic: bind(table, { deleteTraffic, findTraffic, listTraffic, writeTraffic }),
  aws: trafficCalls,
  clock: systemClock,
  newId: () => ulid().toLowerCase(),
  farIngresses,
};

/** To whom may read none of its clusters, a fleet is not there. */
async function readTraffic(caller: Caller, fleet: string): Promise<TrafficRecord> {
  await getFleet(table, fleet);
  const traffic = await deps.traffic.findTraffic(fleet);
  const isShown = traffic?.targets.some(({ cluster }) => may(caller, "read", cluster)) || may(caller, "read", "*");
  if (!traffic || !isShown) throw new FleetUnknown(`there is no fleet ${fleet} with a public name`);
  return traffic;
}

/** The clusters of a fleet, with the networks that their load balancers are in. One without a network has none. */
async function clustersWithNetworks(name: string): Promise<PlacedCluster[]> {
  const [fleet, known, records, joined] = await Promise.all([
    getFleet(table, name),
    listKnownClusters(table, endpoints, deps.clock.now()),
    allClusters(table),
    endpoints.listEndpoints(),
  ]);
  const vpcs = new Map(records.map((record) => [record.name, record.network?.vpcId ?? ""]));
  const regions = new Map(joined.map((endpoint) => [endpoint.name, endpoint.region]));
  return clustersOf(fleet, known).map(({ endpoint, cluster }) => ({
    ...{ endpoint, cluster, region: regions.get(endpoint) ?? env().AWS_REGION },
    vpcId: endpoint === LOCAL ? (vpcs.get(cluster) ?? "") : "",
  }));
}

const FarIngresses = z.record(z.string(), z.array(IngressViewSchema).nullable());

/** Only the function that may call endpoints can ask them. */
async function farIngresses(clusters: readonly ClusterRef[]) {
  const ingresses = clusters.map(({ endpoint, cluster }) => ({ endpoint, cluster }));
  const answer = parseJson(await invokeFunction(lambda, env().FLEET_FUNCTION, { ingresses }));
  const found = Object.entries(FarIngresses.parse(answer)).map(([ref, items]) => {
    if (items === null) throw new NotReadyYet(`the endpoint of ${ref} does not answer`);
    return [ref, items] as const;
  });
  return new Map(found);
}

const list = answering(REQUESTS.listIngresses, async ({ path: { name } }) => {
  const { network } = await getCluster(table, name);
  const vpcId = network?.vpcId;
  const found = vpcId === undefined ? undefined : await deps.aws.findIngresses([{ cluster: name, vpcId }]);
  return { status: 200, body: { items: found?.get(name) ?? [] } };
});

function requestOf({ path, body }: Pick<ApiCall<typeof REQUESTS.setFleetDns>, "path" | "body">): TrafficRequest {
  const check = parseCheck(body.check);
  if (!check)
    throw new BadRequest(
      `check: "${body.check}" is not valid; expected a check such as https:/healthz, http:8080/ or tcp:443`,
    );
  const { host, policy, ttl = null, service = null, primary = null } = body;
  return { fleet: path.fleet, host, policy, check, ttl, service, primary };
}

const get = answering(REQUESTS.getFleetDns, async ({ path, caller }) => {
  const traffic = await readTraffic(caller, path.fleet);
  const health = await readTrafficHealth(deps, traffic);
  return { status: 200, body: toTrafficView(traffic, { health, warnings: warningsOf(traffic) }) };
});

const set = answering(REQUESTS.setFleetDns, async ({ path, body }) => {
  const request = requestOf({ path, body });
  const clusters = await clustersWithNetworks(path.fleet);
  if (!body.dryRun) {
    const traffic = await setTraffic(deps, request, clusters);
    return { status: 200, body: toTrafficView(traffic, { warnings: warningsOf(traffic) }) };
  }
  const plan = await previewTraffic(deps, request, clusters);
  if (!plan.ok) throw new BadRequest(plan.problems.map(({ message }) => message).join("\n"), plan.problems);
  return { status: 200, body: toTrafficView(plan.traffic, { warnings: plan.warnings }) };
});

const remove = answering(REQUESTS.removeFleetDns, async ({ path, caller }) => {
  const traffic = await readTraffic(caller, path.fleet);
  await removeTraffic(deps, path.fleet);
  return { status: 200, body: toTrafficView(traffic, {}) };
});

/** The public names of fleets: records and health checks of Route 53. */
export const handler = apiHandlers(get, set, remove, list);
