import { listOwnedGroups } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { readNetworks } from "../../aws/ec2/drift.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { readTargets, registerTargets } from "../../aws/load-balancing/load-balancing.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { mayDrift, turnOf } from "../../domain/drift/drift.ts";
import { unregistered } from "../../domain/drift/endpoint-drift.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { recordEventCalls, recordEventOnce } from "../operations/record-event.ts";
import { type DriftFacts, driftCalls, evaluateDrift, keepDrift, readMachines } from "./drift.ts";

export const checkDriftCalls = {
  ...driftCalls,
  ...recordEventCalls,
  ...bind(ec2, { readNetworks }),
  ...bind(autoScaling, { listOwnedGroups }),
  ...bind(elb, { readTargets, registerTargets }),
};

type Collaborators = Deps<typeof checkDriftCalls>;

/** Targets take a call a cluster: with more clusters than this each has its turn every few minutes. */
const ENDPOINTS_A_MINUTE = 12;
/** Hooks, roles and parameters take a dozen. */
const MACHINES_A_MINUTE = 1;
/** A person who waits with `validate --wait` asks each second. */
const FULL_LOOK_MS = 15_000;

interface Fleet {
  readonly clusters: readonly ClusterRecord[];
  readonly members: ReadonlyMap<string, readonly MemberRecord[]>;
  readonly groups: ReadonlyMap<string, GroupFacts>;
}

/**
 * Looks each minute for what somebody removed or changed in the account: networks and groups of all clusters by a few
 * calls together, the rest in turn. Masters that are not among the API's targets are registered again at once. What
 * cannot be read is not looked at this time, and a cluster that fails keeps no other from its look.
 */
export async function checkDrift(deps: Collaborators, { clusters, members, groups }: Fleet, now: Date): Promise<void> {
  const candidates = clusters.filter(mayDrift).toSorted((a, b) => a.uid.localeCompare(b.uid));
  if (candidates.length === 0) return;
  const minute = Math.floor(now.getTime() / 60_000);
  const endpoints = new Set(turnOf(candidates, minute, ENDPOINTS_A_MINUTE));
  const machines = new Set(turnOf(candidates, minute, MACHINES_A_MINUTE));
  const network = await unlessFailed("networks", () => deps.aws.readNetworks());
  await Promise.all(
    candidates.map((cluster) =>
      unlessFailed(cluster.name, async () => {
        const facts: DriftFacts = {
          network,
          groups,
          endpoint: endpoints.has(cluster) ? await keepRegistered(deps, cluster, now) : undefined,
          machines: machines.has(cluster)
            ? await unlessFailed(cluster.name, () => readMachines(deps, cluster))
            : undefined,
        };
        await keepDrift(deps, cluster, evaluateDrift(cluster, members.get(cluster.name) ?? [], facts), now);
      }),
    ),
  );
}

/** All of one cluster, now, for a person who asks; where AWS does not answer, what is on record stands. */
export async function checkDriftOf(
  deps: Collaborators,
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  now: Date,
): Promise<void> {
  if (!mayDrift(cluster)) return;
  const { fullAt = null } = cluster.drift ?? {};
  if (fullAt !== null && now.getTime() - Date.parse(fullAt) < FULL_LOOK_MS) return;
  await unlessFailed(cluster.name, async () => {
    const [network, groups, endpoint, machines] = await Promise.all([
      deps.aws.readNetworks(cluster.uid),
      deps.aws.listOwnedGroups(cluster.uid),
      readEndpoint(deps, cluster),
      readMachines(deps, cluster),
    ]);
    await keepDrift(deps, cluster, evaluateDrift(cluster, members, { network, groups, endpoint, machines }), now);
  });
}

async function readEndpoint(deps: Collaborators, { endpoint }: ClusterRecord): Promise<DriftFacts["endpoint"]> {
  return endpoint && { targets: await deps.aws.readTargets(endpoint.targetGroupArn) };
}

/** The targets as they are after masters that were not among them were put back. */
async function keepRegistered(deps: Collaborators, cluster: ClusterRecord, now: Date): Promise<DriftFacts["endpoint"]> {
  const found = await readEndpoint(deps, cluster);
  const missing = found?.targets ? unregistered(cluster, found.targets) : [];
  if (!cluster.endpoint || !found?.targets || missing.length === 0) return found;
  const addresses = missing.map(({ address }) => address);
  await deps.aws.registerTargets(cluster.endpoint.targetGroupArn, addresses);
  for (const { name: member, address } of missing) {
    const message = `Master ${member} (${address}) was not registered with the API's load balancer; it is registered again.`;
    const event = { time: now.toISOString(), type: "target-registered", message, member, operation: null };
    await recordEventOnce(deps, cluster.name, event, `target-registered#${member}#${event.time.slice(0, 16)}`);
  }
  const back = addresses.map((address) => ({ address, state: "initial", reason: null }));
  return { targets: [...found.targets.filter(({ address }) => !addresses.includes(address)), ...back] };
}

async function unlessFailed<T>(of: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    logger.error("drift could not be looked for", { of, error: error instanceof Error ? error : String(error) });
    return undefined;
  }
}
