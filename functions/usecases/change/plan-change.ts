import { ClusterExists, ClusterUnknown, SpecOutdated, SpecRejected } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import type { PlannedCluster } from "../../domain/plan/plan-types.ts";
import { withMembersOf } from "../../domain/repair/zone-move.ts";
import { type ParsedSpec, type SpecPatch, specFromPatch } from "../../domain/spec/parse-spec.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";
import { evaluateChange, isRecordOnly, type SpecChange } from "../../domain/spec/spec-change.ts";
import { matchesTag, specTag } from "../../domain/spec/spec-tag.ts";
import { decideUpdate } from "../../domain/spec/update-decision.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type checkAccountCalls, checkChange } from "../account/check-account.ts";

type Collaborators = Deps<typeof checkAccountCalls>;

/** What is asked of a cluster. */
export interface Wish {
  readonly cluster: string;
  readonly patch: SpecPatch;
  readonly ifMatch: string | undefined;
  /** Throws NotAllowed if who asks may not make this of the cluster. */
  readonly admit: (from: ClusterSpec, to: ClusterSpec) => void;
}

export interface EvaluatedWish {
  readonly cluster: ClusterRecord;
  readonly parsed: Extract<ParsedSpec, { ok: true }>;
  readonly evaluated: { readonly changes: readonly SpecChange[] };
}

/** The wish held against the cluster. Throws ClusterUnknown, SpecOutdated, SpecRejected with every problem, NotAllowed. */
export async function evaluateRequest(
  { store }: Pick<Collaborators, "store">,
  { cluster: name, patch, ifMatch, admit }: Wish,
): Promise<EvaluatedWish> {
  const cluster = await store.getCluster(name);
  if (cluster.status === "DELETED") throw new ClusterUnknown(`there is no cluster ${name}`);
  if (!matchesTag(ifMatch, specTag(cluster)))
    throw new SpecOutdated(`the spec of ${name} is not the one that the request was made for`);
  const parsed = specFromPatch(cluster.spec, patch);
  if (!parsed.ok) throw new SpecRejected(parsed.problems);
  const evaluated = evaluateChange(cluster.spec, parsed.spec);
  if (!evaluated.ok) throw new SpecRejected(evaluated.problems);
  admit(cluster.spec, parsed.spec);
  return { cluster, parsed, evaluated };
}

/** What a change would make of the cluster, checked as the change is. Throws as it does; nothing is written. */
export async function planChange(deps: Collaborators, wish: Wish): Promise<PlannedCluster> {
  const { cluster, parsed, evaluated } = await evaluateRequest(deps, wish);
  const { spec, plan } = planCluster(parsed.spec);
  const planned = { spec, plan: withMembersOf(spec, plan, cluster.plan), warnings: [...parsed.warnings] };
  const fields = evaluated.changes.map(({ field }) => field);
  if (fields.length === 0 || isRecordOnly(fields)) return planned;
  const decision = decideUpdate(cluster, evaluated.changes);
  // An operation that holds the cluster now may be done when the change is asked for.
  if (decision.kind === "refuse" && cluster.operation === null) throw new ClusterExists(decision.reason, null);
  await checkChange(deps, cluster.spec, parsed.spec, decision.kind === "change" ? decision.fields : fields);
  return planned;
}
