import { ulid } from "ulid";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import type { Signature } from "../../domain/access/caller.ts";
import type { OperationKind } from "../../domain/api/views.ts";
import { ClusterBusy, ClusterExists, NotReadyYet, SpecOutdated } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import { withMembersOf } from "../../domain/repair/zone-move.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";
import { evaluateChange, explainRequest } from "../../domain/spec/spec-change.ts";
import { specTag } from "../../domain/spec/spec-tag.ts";
import { decideUpdate, isChange } from "../../domain/spec/update-decision.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";
import type { IdempotencyClaim } from "../../store/claims.ts";
import type { TakeRequest } from "../../store/operations.ts";
import { checkAccount, checkAccountCalls, checkChange } from "../account/check-account.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../operations/record-event.ts";
import { evaluateRequest, type Wish } from "./plan-change.ts";
import { recordForRepair, recordOnly } from "./record-change.ts";

export const changeClusterCalls = { ...checkAccountCalls, ...recordEventCalls, ...bind(sfn, { startExecution }) };

type Collaborators = Deps<typeof changeClusterCalls>;

/** ARNs of the state machines that bring a cluster to its spec. */
export interface Machines {
  /** Null for who leaves creations alone: then a cluster whose creation is not complete is busy. */
  readonly create: string | null;
  readonly update: string;
}

export interface ChangeRequest extends Wish {
  readonly claim: IdempotencyClaim | undefined;
  /** Who asks. */
  readonly by: Signature;
}

/**
 * Changes a cluster to its spec with these changes: continues a stopped creation, or changes a running cluster.
 * Undefined if there is nothing to do. Throws SpecRejected, SpecOutdated, ClusterBusy, ClusterUnknown.
 */
export async function changeCluster(
  deps: Collaborators,
  machines: Machines,
  request: ChangeRequest,
): Promise<OperationRecord | undefined> {
  const before = await findRepeated(deps, machines, request.claim);
  if (before) return before;
  try {
    return (await changeOnce(deps, machines, request)) ?? (await findRepeated(deps, machines, request.claim));
  } catch (error) {
    // Two equal requests at once: one took the cluster, and both are answered with it.
    const isTwin = error instanceof ClusterBusy || error instanceof SpecOutdated;
    const twin = isTwin && request.claim ? await awaitTwin(deps, machines, request.claim) : undefined;
    if (!twin) throw error;
    return twin;
  }
}

/** The concurrent write may not be complete. */
function awaitTwin(
  deps: Collaborators,
  machines: Machines,
  claim: IdempotencyClaim,
): Promise<OperationRecord | undefined> {
  return pollUntil(deps.clock, () => findRepeated(deps, machines, claim), {
    waitingFor: "the same request",
    withinMs: 600,
    firstMs: 100,
  }).catch((error: unknown) => {
    if (error instanceof NotReadyYet) return undefined;
    throw error;
  });
}

async function changeOnce(
  deps: Collaborators,
  machines: Machines,
  request: ChangeRequest,
): Promise<OperationRecord | undefined> {
  const { cluster, parsed, evaluated } = await evaluateRequest(deps, request);
  if (await recordOnly(deps, cluster, parsed.spec, evaluated.changes, request)) return undefined;
  const recorded = await recordForRepair(deps, cluster, parsed.spec, evaluated.changes, request);
  if (recorded) return recorded;
  const ended = await endedHolder(deps, machines, cluster);
  const decision = decideUpdate(cluster, evaluated.changes);
  if (decision.kind === "nothing") return undefined;
  if (decision.kind === "refuse") {
    // No operation holds it, so there is none to name or to wait for.
    if (cluster.operation === null) throw new ClusterExists(decision.reason, null);
    throw new ClusterBusy(decision.reason, cluster.operation);
  }
  if (decision.kind === "resume" && machines.create === null)
    throw new ClusterBusy(`the creation of ${cluster.name} is not complete`, cluster.operation);
  if (decision.kind === "resume") await checkAccount(deps, parsed.spec, planCluster(parsed.spec).plan, cluster);
  const fields = evaluated.changes.map(({ field }) => field);
  await checkChange(deps, cluster.spec, parsed.spec, decision.kind === "change" ? decision.fields : fields);

  const resumes = decision.kind === "resume";
  const now = deps.clock.now();
  const kind: OperationKind = resumes ? "create" : decision.operation;
  const operation = `${kind}-${ulid(now.getTime()).toLowerCase()}`;
  const { spec, plan: fresh } = planCluster(parsed.spec);
  const plan = withMembersOf(spec, fresh, cluster.plan);
  const take: TakeRequest = {
    cluster: cluster.name,
    operation,
    kind,
    status: resumes ? "CREATING" : "UPDATING",
    reason: resumes ? "The creation continues." : "The cluster is being changed.",
    change: { former: cluster.spec, spec, plan, pending: resumes ? null : { fields: decision.fields } },
    claim: request.claim,
    ended,
  };
  await deps.store.takeCluster(take, now);
  const taken = await deps.store.getOperation(operation);
  await recordEvent(deps, cluster.name, {
    time: taken.startedAt,
    type: resumes ? "create-resumed" : "change-requested",
    message: explainRequest(cluster.name, evaluated.changes, resumes),
    member: null,
    operation: taken.id,
    by: request.by,
  });
  await publishStatus(deps, { cluster: cluster.name, status: take.status, reason: take.reason, operation }, now);
  await run(deps, machines, taken);
  return taken;
}

/**
 * A creation with a name in use: if that cluster has the same spec and its creation has stopped, the creation
 * continues. Throws the refusal for a complete cluster and for one with another spec.
 */
export async function resumeCreation(
  deps: Collaborators,
  machines: Machines,
  request: { spec: ClusterSpec; claim: IdempotencyClaim | undefined; by: Signature; refusal: ClusterExists },
): Promise<OperationRecord> {
  const { spec, claim, by, refusal } = request;
  const cluster = await deps.store.getCluster(spec.name);
  if (decideUpdate(cluster, []).kind !== "resume") throw refusal;
  const evaluated = evaluateChange(cluster.spec, spec);
  if (!evaluated.ok || evaluated.changes.length > 0) {
    const advice = cluster.status === "FAILED" ? "; it was to have another spec: change it with update cluster" : "";
    throw new ClusterExists(`${refusal.message}${advice}`, refusal.operation);
  }
  const patch = { document: {} };
  // The spec is the one that the creation was admitted with.
  const admit = () => {};
  const change: ChangeRequest = { cluster: spec.name, patch, ifMatch: specTag(cluster), claim, by, admit };
  const resumed = await changeCluster(deps, machines, change);
  if (!resumed) throw refusal;
  return resumed;
}

/** The operation of the same request sent before; started again, in case that whoever took it died before that. */
async function findRepeated(deps: Collaborators, machines: Machines, claim: IdempotencyClaim | undefined) {
  const id = claim && (await deps.store.findClaim(claim, deps.clock.now()));
  if (id === undefined) return undefined;
  const operation = await deps.store.getOperation(id);
  if (operation.kind !== "repair") await run(deps, machines, operation);
  return operation;
}

/** Named after the operation: however often it is started, it runs once. */
async function run(deps: Collaborators, machines: Machines, { id, cluster, kind }: OperationRecord) {
  const machine = isChange(kind) ? machines.update : machines.create;
  return machine === null ? undefined : deps.aws.startExecution(machine, id, { cluster, operation: id });
}

/**
 * The operation that holds the cluster, if its execution ended without recording it; undefined if nothing holds it.
 * Throws ClusterBusy if it is running. Starting a running execution changes nothing and says so. One that was never
 * started runs now.
 */
async function endedHolder(
  deps: Collaborators,
  machines: Machines,
  cluster: ClusterRecord,
): Promise<string | undefined> {
  if (cluster.operation === null) return undefined;
  const holder = await deps.store.getOperation(cluster.operation);
  if (holder.status === "RUNNING" && holder.leaseUntil > deps.clock.now().getTime()) {
    const known = (holder.kind === "create" && machines.create !== null) || isChange(holder.kind);
    if (!known || (await run(deps, machines, holder)) === "started") {
      throw new ClusterBusy(`${cluster.name} is held by operation ${holder.id}`, holder.id);
    }
  }
  // An execution closes after its last write. One that is still RUNNING in the table will never record its end.
  const { operation } = await deps.store.getCluster(cluster.name);
  if (operation === holder.id) return holder.id;
  throw new ClusterBusy(`operation ${holder.id} of ${cluster.name} has just ended`, holder.id);
}
