import * as z from "zod";
import { openHoldfastApi } from "../aws/holdfast/api.ts";
import { sts } from "../aws/sts/client.ts";
import { EndpointName, type EndpointRecord } from "../domain/fleet/endpoint-records.ts";
import { ClusterRef, LOCAL, refText } from "../domain/fleet/fleet-records.ts";
import { settleSeconds } from "../domain/traffic/traffic-records.ts";
import { openAskUrl } from "../runtime/ask-url.ts";
import { bind } from "../runtime/bind.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { answeringHandler } from "../runtime/handlers.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { openEndpointStore } from "../store/endpoints.ts";
import { openFleetStore } from "../store/fleet-store.ts";
import { deleteTraffic, findTraffic, listTraffic, writeTraffic } from "../store/traffic.ts";
import { changeClusterCalls } from "../usecases/change/change-cluster.ts";
import type { ClusterEndpoint } from "../usecases/fleet/cluster-endpoint.ts";
import { enforcePolicies } from "../usecases/fleet/enforce-policies.ts";
import { listKnownClusters } from "../usecases/fleet/known-clusters.ts";
import { localEndpoint } from "../usecases/fleet/local-endpoint.ts";
import { hearEvent, type RefreshDeps, refreshEndpoints } from "../usecases/fleet/refresh-endpoints.ts";
import { brokenEndpoint, type RemoteEndpoint, remoteEndpoint } from "../usecases/fleet/remote-endpoint.ts";
import { tickRollouts } from "../usecases/fleet/tick-rollouts.ts";
import { drainTraffic, dropFromTraffic, trafficCalls } from "../usecases/fleet/traffic.ts";

const env = readEnv({ UPDATE_STATE_MACHINE: NonEmpty });
/** A roll-out changes clusters that serve; it continues no creation. */
const machines = { create: null, update: env.UPDATE_STATE_MACHINE };

const { clock } = system;
const local = localEndpoint({ ...system, aws: { ...changeClusterCalls } }, table, machines);
const store = openEndpointStore(table);
const traffic = bind(table, { deleteTraffic, findTraffic, listTraffic, writeTraffic });
const changeTraffic = { traffic, aws: trafficCalls, clock };

/** Opened once for each, since its keys hold for minutes. */
const opened = new Map<string, RemoteEndpoint>();
function open(endpoint: EndpointRecord): RemoteEndpoint {
  const id = JSON.stringify([endpoint.api, endpoint.region, endpoint.roleArn]);
  const remote = opened.get(id) ?? remoteEndpoint(openHoldfastApi(sts, endpoint));
  opened.set(id, remote);
  return remote;
}

const hub: RefreshDeps = {
  endpoints: store,
  open,
  onGone: (cluster) => dropFromTraffic(changeTraffic, cluster),
  clock,
};

const askUrl = openAskUrl();

async function endpointsNow(): Promise<Map<string, ClusterEndpoint>> {
  const joined = await store.listEndpoints();
  const remote = joined.map(
    (each) => [each.name, each.unreachableSince === null ? open(each) : brokenEndpoint(each)] as const,
  );
  return new Map([[LOCAL, local], ...remote]);
}

async function shiftTraffic(fleet: string, cluster: Parameters<typeof drainTraffic>[2]): Promise<number | undefined> {
  const changed = await drainTraffic(changeTraffic, fleet, cluster);
  return changed && settleSeconds(changed);
}

/** By {@link refText}; null where the endpoint does not answer. */
async function findIngresses(clusters: readonly ClusterRef[]) {
  const found = clusters.map(async (ref) => {
    const endpoint = await store.getEndpoint(ref.endpoint);
    const ingresses = await open(endpoint)
      .ingresses(ref.cluster)
      .catch(() => null);
    return [refText(ref), ingresses] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** With less time left, no further roll-out is looked at; the next run follows in a minute. */
const RESERVED_MS = 20_000;

/** Of the functions behind the API: these endpoints, now. */
const Refresh = z.strictObject({ refresh: z.array(EndpointName).max(200) });
/** Of the functions behind the API: the load balancers of these clusters of endpoints. */
const Ingresses = z.strictObject({ ingresses: z.array(ClusterRef).max(500) });
/** An event that an endpoint has forwarded to the bus of the fleet. */
const Forwarded = z.object({
  source: z.literal("holdfast"),
  account: z.string(),
  region: z.string(),
  detail: z.object({ cluster: z.string().max(63) }),
});

/**
 * All work of fleets, which only this function may do: each minute endpoints are asked, every open roll-out continues
 * with what is due, and what policies enforce is changed; roll-outs also when a change of a cluster has ended, endpoints also when they report a change.
 */
export const handler = answeringHandler(z.unknown(), async (event, remainingMs) => {
  const asked = Refresh.safeParse(event).data;
  if (asked) return refreshEndpoints(hub, asked.refresh);
  const traffic = Ingresses.safeParse(event).data;
  if (traffic) return findIngresses(traffic.ingresses);
  const forwarded = Forwarded.safeParse(event).data;
  if (forwarded) return hearEvent(hub, { ...forwarded, cluster: forwarded.detail.cluster });
  await refreshEndpoints(hub);
  const fleets = openFleetStore(table);
  const clusters = () => listKnownClusters(table, store, clock.now());
  const deps = { fleets, endpoints: await endpointsNow(), clusters, shiftTraffic, askUrl, clock };
  const mayContinue = () => remainingMs() > RESERVED_MS;
  await tickRollouts(deps, mayContinue);
  await enforcePolicies(deps, mayContinue);
});
