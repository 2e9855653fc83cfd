import { useSignal } from "@preact/signals";
import type { Operation, PlannedCluster } from "../data/api.ts";
import { write } from "../data/request.ts";
import { Confirm } from "../parts/confirm.tsx";
import { LivePlan } from "../parts/live-plan.tsx";
import { usePlan } from "../parts/plan-state.ts";
import { type SpecDocument, SpecEditor } from "../parts/spec-editor.tsx";
import { go, hrefOf } from "../router.ts";

/** A form beside its plan; who types the name has it made. */
export function CreateScreen() {
  const spec = useSignal<SpecDocument>({});
  const isEmpty = Object.keys(spec.value).length === 0;
  const plan = usePlan<PlannedCluster>(isEmpty ? null : { method: "POST", path: "/plan", body: { spec: spec.value } });
  const name = typeof spec.value["name"] === "string" ? spec.value["name"] : "";
  const create = async () => {
    const operation = await write<Operation>("POST", "/clusters", { spec: spec.value });
    go(hrefOf("operations", operation.id));
  };
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("clusters")}>Clusters</a>
      </nav>
      <div class="head">
        <h1>Create a cluster</h1>
      </div>
      <div class="beside">
        <section aria-label="Spec">
          <SpecEditor
            spec={spec.value}
            fixed={[]}
            onChange={(next) => {
              spec.value = next;
            }}
          />
        </section>
        <div>
          <LivePlan state={plan} former={null} />
          {plan.kind === "planned" ? (
            <Confirm name={name} action="Create" disabled={!plan.isCurrent} run={create} />
          ) : null}
        </div>
      </div>
    </>
  );
}
