import type { Signature } from "../../domain/access/caller.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import { isRecord } from "../../domain/spec/fields.ts";
import type { SpecPatch } from "../../domain/spec/parse-spec.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";
import { explainRequest, isRecordOnly, REPAIR_FIELDS, type SpecChange } from "../../domain/spec/spec-change.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { IdempotencyClaim } from "../../store/claims.ts";
import { type checkAccountCalls, checkChange } from "../account/check-account.ts";
import { recordEvent, type recordEventCalls } from "../operations/record-event.ts";

type Collaborators = Deps<typeof checkAccountCalls & typeof recordEventCalls>;

interface RecordRequest {
  readonly patch: SpecPatch;
  readonly claim: IdempotencyClaim | undefined;
  readonly by: Signature;
}

/**
 * A repair reads the rule for an impaired zone at each attempt. A change of that rule does not wait for the repair,
 * which then executes it. Undefined for any other change, and while no repair holds the cluster.
 */
export async function recordForRepair(
  deps: Collaborators,
  cluster: ClusterRecord,
  spec: ClusterSpec,
  changes: readonly SpecChange[],
  { claim, by }: Pick<RecordRequest, "claim" | "by">,
): Promise<OperationRecord | undefined> {
  const { name, operation } = cluster;
  if (operation === null || changes.length === 0 || !changes.every(({ field }) => REPAIR_FIELDS.has(field))) {
    return undefined;
  }
  const holder = await deps.store.getOperation(operation);
  if (holder.kind !== "repair" || holder.status !== "RUNNING" || holder.leaseUntil <= deps.clock.now().getTime())
    return undefined;
  await checkChange(
    deps,
    cluster.spec,
    spec,
    changes.map(({ field }) => field),
  );
  const now = deps.clock.now();
  await deps.store.changePolicy({ cluster: name, operation, former: cluster.spec, spec, claim }, now);
  const event = {
    type: "change-requested",
    message: explainRequest(name, changes, false),
    member: null,
    operation: null,
    by,
  };
  await recordEvent(deps, name, { time: now.toISOString(), ...event });
  return holder;
}

/**
 * What is only recorded, at any time and whatever holds the cluster. True if the request is about nothing else. It
 * also is of a request sent again: a creation that stopped is not continued for its sake.
 */
export async function recordOnly(
  deps: Collaborators,
  { name, spec: former }: ClusterRecord,
  spec: ClusterSpec,
  changes: readonly SpecChange[],
  { patch, by }: RecordRequest,
): Promise<boolean> {
  const isAsked = "document" in patch && isRecord(patch.document) && isRecordOnly(Object.keys(patch.document));
  if (changes.length === 0) return isAsked;
  if (!isRecordOnly(changes.map(({ field }) => field))) return false;
  const now = deps.clock.now();
  await deps.store.recordSpec({ cluster: name, former, spec }, now);
  const event = { type: "change-requested", message: explainRequest(name, changes, false) };
  await recordEvent(deps, name, { time: now.toISOString(), ...event, member: null, operation: null, by });
  return true;
}
