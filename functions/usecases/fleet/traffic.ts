import { createHash } from "node:crypto";
import { elb } from "../../aws/load-balancing/client.ts";
import { findIngresses } from "../../aws/load-balancing/ingress.ts";
import { route53 } from "../../aws/route53/client.ts";
import {
  deleteHealthCheck,
  ensureHealthCheck,
  healthCheckTags,
  isHealthCheckHealthy,
} from "../../aws/route53/health-checks.ts";
import { changeTrafficRecords, listPublicZones } from "../../aws/route53/traffic-records.ts";
import { BadRequest } from "../../domain/cluster/errors.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { type ClusterRef, LOCAL, refText } from "../../domain/fleet/fleet-records.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import {
  type Ingress,
  planTraffic,
  retiring,
  type TrafficCluster,
  type TrafficPlan,
  type TrafficRequest,
  wantsTheSame,
} from "../../domain/traffic/plan-traffic.ts";
import { wantedRecords } from "../../domain/traffic/record-sets.ts";
import type { TrafficRecord, TrafficTarget } from "../../domain/traffic/traffic-records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Clock } from "../../runtime/clock.ts";

export const trafficCalls = {
  ...bind(elb, { findIngresses }),
  ...bind(route53, {
    changeTrafficRecords,
    deleteHealthCheck,
    ensureHealthCheck,
    healthCheckTags,
    isHealthCheckHealthy,
    listPublicZones,
  }),
};

/** What is remembered of fleets' public names. A write takes the record that was read, and fails if it has changed. */
export interface TrafficStore {
  findTraffic(fleet: string): Promise<TrafficRecord | undefined>;
  listTraffic(): Promise<TrafficRecord[]>;
  writeTraffic(traffic: TrafficRecord, former: TrafficRecord | undefined): Promise<void>;
  deleteTraffic(former: TrafficRecord): Promise<void>;
}

/** To change names that there are. */
interface ChangeDeps {
  readonly traffic: TrafficStore;
  readonly aws: Pick<
    typeof trafficCalls,
    "changeTrafficRecords" | "deleteHealthCheck" | "ensureHealthCheck" | "healthCheckTags"
  >;
  readonly clock: Clock;
}

export interface TrafficDeps extends ChangeDeps {
  readonly aws: typeof trafficCalls;
  readonly newId: () => string;
  /** Load balancers of clusters of endpoints, which are asked, by {@link refText}. Throws NotReadyYet. */
  readonly farIngresses: (clusters: readonly ClusterRef[]) => Promise<ReadonlyMap<string, readonly Ingress[]>>;
}

/** A cluster of the fleet, and of one of this stack the network that its load balancers are in. */
export interface PlacedCluster extends ClusterRef {
  readonly region: string;
  readonly vpcId: string;
}

/** What a request would bring, and what is wrong with it. Changes nothing. */
export async function previewTraffic(
  deps: TrafficDeps,
  request: TrafficRequest,
  clusters: readonly PlacedCluster[],
): Promise<TrafficPlan> {
  return await plan(deps, request, clusters, await deps.traffic.findTraffic(request.fleet));
}

async function plan(
  deps: TrafficDeps,
  request: TrafficRequest,
  clusters: readonly PlacedCluster[],
  former: TrafficRecord | undefined,
): Promise<TrafficPlan> {
  const own = clusters.filter(({ endpoint }) => endpoint === LOCAL);
  const far = clusters.filter(({ endpoint }) => endpoint !== LOCAL);
  const [zones, ingresses, others] = await Promise.all([
    deps.aws.listPublicZones(),
    deps.aws.findIngresses(own),
    far.length === 0 ? new Map<string, readonly Ingress[]>() : deps.farIngresses(far),
  ]);
  const found = clusters.map(
    ({ endpoint, cluster, region }): TrafficCluster => ({
      ...{ endpoint, cluster, region },
      ingresses: (endpoint === LOCAL ? ingresses.get(cluster) : others.get(refText({ endpoint, cluster }))) ?? [],
    }),
  );
  const now = deps.clock.now().toISOString();
  return planTraffic(request, { clusters: found, zones, former, newId: deps.newId(), now });
}

/**
 * Gives the fleet its public name, or changes it. May die anywhere: the same request again continues. Throws BadRequest
 * with everything that is wrong.
 */
export async function setTraffic(
  deps: TrafficDeps,
  request: TrafficRequest,
  clusters: readonly PlacedCluster[],
): Promise<TrafficRecord> {
  const unfinished = await deps.traffic.findTraffic(request.fleet);
  // What was made for it but is not on record would never be found again.
  const former = unfinished && (await withChecks(deps, unfinished));
  const planned = await plan(deps, request, clusters, former);
  if (!planned.ok) throw new BadRequest(planned.problems.map(({ message }) => message).join("\n"), planned.problems);
  return await change(deps, planned.traffic, former);
}

/** Puts the record to what is wanted, and Route 53 to the record. Throws NotReadyYet if another has changed it since. */
async function change(
  deps: ChangeDeps,
  wanted: TrafficRecord,
  former: TrafficRecord | undefined,
): Promise<TrafficRecord> {
  const isSame = former !== undefined && wantsTheSame(former, wanted);
  if (!isSame) await deps.traffic.writeTraffic(wanted, former);
  const traffic = await withChecks(deps, isSame ? former : wanted);
  await publish(deps, traffic);
  return await finish(deps, traffic);
}

/** A check for each target that has none yet, on record. */
async function withChecks(deps: ChangeDeps, traffic: TrafficRecord): Promise<TrafficRecord> {
  if (traffic.targets.every(({ checkId }) => checkId !== null)) return traffic;
  const targets: TrafficTarget[] = [];
  for (const target of traffic.targets) {
    const checkId = target.checkId ?? (await deps.aws.ensureHealthCheck(checkRequest(traffic, target)));
    targets.push({ ...target, checkId });
  }
  const complete = { ...traffic, targets };
  await deps.traffic.writeTraffic(complete, traffic);
  return complete;
}

function checkRequest(traffic: TrafficRecord, target: TrafficTarget) {
  const { fleet, id, revision, check } = traffic;
  // Route 53 takes 64 characters, and never again those of a check that was deleted.
  const reference = createHash("sha256")
    .update(`${id}/${revision}/${refText(target)}`)
    .digest("hex")
    .slice(0, 48);
  const tags = { Name: `${fleet} ${target.cluster}`, [TAG.fleet]: fleet, [TAG.traffic]: id };
  return { reference: `holdfast-${reference}`, check, dnsName: target.balancer.dnsName, tags };
}

async function publish({ aws }: ChangeDeps, traffic: TrafficRecord): Promise<void> {
  const { id, hostedZoneId, host } = traffic;
  await aws.changeTrafficRecords({ id, hostedZoneId, host }, wantedRecords(traffic));
}

/** Deletes what was retired: records before the checks that they name. */
async function finish(deps: ChangeDeps, traffic: TrafficRecord): Promise<TrafficRecord> {
  const { checks, names } = traffic.retired;
  if (checks.length + names.length === 0) return traffic;
  for (const { hostedZoneId, host } of names)
    await deps.aws.changeTrafficRecords({ id: traffic.id, hostedZoneId, host }, []);
  await deleteChecks(deps, traffic, checks);
  const finished = { ...traffic, retired: { checks: [], names: [] } };
  await deps.traffic.writeTraffic(finished, traffic);
  return finished;
}

async function deleteChecks({ aws }: ChangeDeps, traffic: TrafficRecord, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const tags = await aws.healthCheckTags(id);
    const decided = tags && Owned.decideHealthCheck(traffic, { id, tags });
    if (decided instanceof Owned) await aws.deleteHealthCheck(decided);
  }
}

/** Takes the fleet's name away, with its records and checks. Nothing if it has none. */
export async function removeTraffic(deps: ChangeDeps, fleet: string): Promise<void> {
  const found = await deps.traffic.findTraffic(fleet);
  if (!found) return;
  const traffic = await withChecks(deps, found);
  const { id, hostedZoneId, host, retired, targets } = traffic;
  for (const name of [{ hostedZoneId, host }, ...retired.names])
    await deps.aws.changeTrafficRecords({ id, hostedZoneId: name.hostedZoneId, host: name.host }, []);
  await deleteChecks(deps, traffic, [...retired.checks, ...targets.flatMap(({ checkId }) => checkId ?? [])]);
  await deps.traffic.deleteTraffic(traffic);
}

/** Takes a cluster that is going, or has gone, out of the names of all fleets. */
export async function dropFromTraffic(deps: ChangeDeps, gone: ClusterRef): Promise<void> {
  for (const found of await deps.traffic.listTraffic()) {
    if (!found.targets.some((target) => refText(target) === refText(gone))) continue;
    const traffic = await withChecks(deps, found);
    const targets = traffic.targets.filter((target) => refText(target) !== refText(gone));
    if (targets.length === 0) await removeTraffic(deps, traffic.fleet);
    else
      await change(
        deps,
        retiring(traffic, { ...traffic, targets, updatedAt: deps.clock.now().toISOString() }),
        traffic,
      );
  }
}

/**
 * Takes traffic from a cluster before a roll-out's step, or gives it back. Undefined where the fleet has no name, or the
 * cluster no part in it; otherwise the record, whose `settleSeconds` are to pass. The last one keeps its traffic.
 */
export async function drainTraffic(
  deps: ChangeDeps,
  fleet: string,
  { drained, ...ref }: ClusterRef & { readonly drained: boolean },
): Promise<TrafficRecord | undefined> {
  const traffic = await deps.traffic.findTraffic(fleet);
  const isIt = (target: TrafficTarget) => refText(target) === refText(ref);
  if (!traffic?.targets.some(isIt)) return undefined;
  if (drained && !traffic.targets.some((target) => !isIt(target) && !target.drained)) return undefined;
  const targets = traffic.targets.map((target) => (isIt(target) ? { ...target, drained } : target));
  return await change(deps, { ...traffic, targets, updatedAt: deps.clock.now().toISOString() }, traffic);
}

/** Whether each cluster's endpoint is healthy, by Route 53; undefined before the first results. */
export async function readTrafficHealth(
  { aws }: { readonly aws: Pick<typeof trafficCalls, "isHealthCheckHealthy"> },
  { targets }: TrafficRecord,
): Promise<ReadonlyMap<string, boolean | undefined>> {
  const health = targets.map(async (target) => {
    const healthy = target.checkId === null ? undefined : await aws.isHealthCheckHealthy(target.checkId);
    return [refText(target), healthy] as const;
  });
  return new Map(await Promise.all(health));
}
