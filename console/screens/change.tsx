import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Cluster, Operation, PlannedCluster } from "../data/api.ts";
import { write } from "../data/request.ts";
import { useResource } from "../data/resource.ts";
import type { Session } from "../models/access.ts";
import { patchOf } from "../models/change.ts";
import { ActionScreen } from "../parts/action-screen.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { LivePlan } from "../parts/live-plan.tsx";
import { usePlan } from "../parts/plan-state.ts";
import { Shown } from "../parts/shown.tsx";
import { type SpecDocument, SpecEditor } from "../parts/spec-editor.tsx";
import { go, hrefOf } from "../router.ts";

/** Once it is read it stays: a plan is of what was read, and `If-Match` holds the change to that. */
const ONCE_MS = 3_600_000;

export function ChangeScreen({ name, session }: { readonly name: string; readonly session: Session }) {
  return (
    <ActionScreen name={name} action="change" session={session}>
      <Former name={name} />
    </ActionScreen>
  );
}

function Former({ name }: { readonly name: string }) {
  const cluster = useResource<Cluster>(`/clusters/${encodeURIComponent(name)}`, ONCE_MS);
  return (
    <Shown of={cluster} what={`cluster ${name}`}>
      {(value) => <Change cluster={value} ifMatch={cluster.known.value.ifMatch ?? null} />}
    </Shown>
  );
}

function Change({ cluster, ifMatch }: { readonly cluster: Cluster; readonly ifMatch: string | null }) {
  const former = useMemo((): SpecDocument => ({ ...cluster.spec }), [cluster]);
  const spec = useSignal<SpecDocument>(former);
  const patch = patchOf(former, spec.value);
  const path = `/clusters/${encodeURIComponent(cluster.name)}`;
  const headers: Record<string, string> = ifMatch === null ? {} : { "if-match": ifMatch };
  const plan = usePlan<PlannedCluster>({ method: "PATCH", path, body: { spec: patch, dryRun: true }, headers });
  const change = async () => {
    const answer = await write<Operation | Cluster>("PATCH", path, { spec: patch }, headers);
    go("kind" in answer ? hrefOf("operations", answer.id) : hrefOf("clusters", cluster.name));
  };
  return (
    <div class="beside">
      <section aria-label="Spec">
        <SpecEditor
          spec={spec.value}
          fixed={["name"]}
          onChange={(next) => {
            spec.value = next;
          }}
        />
      </section>
      <div>
        <LivePlan state={plan} former={cluster} />
        {plan.kind === "planned" && Object.keys(patch).length > 0 ? (
          <Confirm name={cluster.name} action="Change the cluster" disabled={!plan.isCurrent} run={change} />
        ) : null}
      </div>
    </div>
  );
}
