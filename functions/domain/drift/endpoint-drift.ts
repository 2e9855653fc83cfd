import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import type { MemberPlan } from "../plan/plan-types.ts";
import type { Drift } from "./drift-records.ts";

/** A target of the API's load balancer, as ELB has it. */
export interface TargetFacts {
  readonly address: string;
  /** `healthy`, `unhealthy`, `initial`, `draining`, `unused`… */
  readonly state: string;
  /** `Target.NotInUse` where no listener forwards to the group. */
  readonly reason: string | null;
}

/** The targets that are registered; undefined if the target group does not exist. */
export type EndpointFacts = readonly TargetFacts[] | undefined;

/**
 * Masters whose address is not among the targets, or is on its way out. A migration registers and removes its own: the API
 * server of a learner cannot serve.
 */
export function unregistered(
  { plan, migration }: Pick<ClusterRecord, "plan" | "migration">,
  targets: readonly TargetFacts[],
): MemberPlan[] {
  const { changes = [], done = [] } = migration ?? {};
  const open = changes.filter(({ slot }) => !done.some((each) => each.slot === slot));
  return plan.members.filter(
    ({ name, address }) =>
      !open.some(({ slot, replaces }) => slot === name || replaces === name) &&
      !targets.some((target) => target.address === address && target.state !== "draining"),
  );
}

function drift(key: string, message: string): Drift {
  return { key, area: "endpoint", message };
}

/** Differences between the API's load balancer and what Holdfast created. */
export function findEndpointDrift(
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  targets: EndpointFacts,
): Drift[] {
  if (!targets) return [drift("target-group", "the target group of the API's load balancer is gone")];
  const unused = targets.some(({ reason }) => reason === "Target.NotInUse");
  if (unused)
    return [
      drift("listener", "no listener of the API's load balancer forwards to the masters: the API is unreachable"),
    ];
  const isHealthy = (name: string) => members.find(({ member }) => member === name)?.health === "healthy";
  const failing = cluster.plan.members.filter(
    ({ name, address }) =>
      isHealthy(name) && targets.some((target) => target.address === address && target.state === "unhealthy"),
  );
  return [
    ...unregistered(cluster, targets).map(({ name, address }) =>
      drift(`target/${name}`, `master ${name} (${address}) is not registered with the API's load balancer`),
    ),
    ...failing.map(({ name, address }) =>
      drift(`${UNHEALTHY}${name}`, `the API's load balancer finds healthy master ${name} (${address}) unhealthy`),
    ),
  ];
}

const UNHEALTHY = "target-health/";
/** A load balancer's checks lag behind: a master that has just become healthy needs two of them, ten seconds apart. */
const UNHEALTHY_MS = 90_000;

/** How long a difference must persist before it is reported. */
export function confirmedAfterMs({ key }: Pick<Drift, "key">): number {
  return key.startsWith(UNHEALTHY) ? UNHEALTHY_MS : 0;
}
