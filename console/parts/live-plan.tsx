import type { PlannedCluster } from "../data/api.ts";
import { changesOf, costChange } from "../models/change.ts";
import { anyMasters } from "../models/cluster.ts";
import { counted, labelOf } from "../models/words.ts";
import { Facts, Notice, Said } from "./basics.tsx";
import { PlanBox } from "./plan-box.tsx";
import type { PlanState } from "./plan-state.ts";

interface LivePlanProps {
  readonly state: PlanState<PlannedCluster>;
  /** What there is now; null before there is a cluster. */
  readonly former: Pick<PlannedCluster, "spec" | "plan"> | null;
}

export function LivePlan({ state, former }: LivePlanProps) {
  return (
    <PlanBox state={state} hint="What the form would become appears here as you type.">
      {(planned) => <Planned planned={planned} former={former} />}
    </PlanBox>
  );
}

function Planned({ planned, former }: { readonly planned: PlannedCluster } & Pick<LivePlanProps, "former">) {
  const { spec, plan, warnings } = planned;
  const { cost } = plan;
  const difference = costChange(former?.plan.cost?.monthly, cost?.monthly);
  return (
    <>
      {former === null ? null : <Differences from={former.spec} to={spec} />}
      <ZonesOfPlan planned={planned} />
      <Facts
        rows={[
          ["Survives", survivesText(plan.survives)],
          ["Network", `${plan.network.used}, VPC ${plan.network.cidr}`],
          ["Cost", cost?.monthly == null ? "no prices for this Region" : `$${cost.monthly.toFixed(2)} a month`],
          ...(difference === null ? [] : [["Cost changes", difference] as const]),
        ]}
      />
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn" title="Warning">
          <p>
            <Said>{warning}</Said>
          </p>
        </Notice>
      ))}
    </>
  );
}

function Differences({ from, to }: { readonly from: object; readonly to: object }) {
  const changes = changesOf({ ...from }, { ...to });
  if (changes.length === 0) return <Notice tone="quiet" title="Nothing would change yet" />;
  return (
    <table class="data diff">
      <caption class="hidden">What would change</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Now</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, from: before, to: after }) => (
          <tr key={field}>
            <td data-head="Field">{labelOf(field)}</td>
            <td data-head="Now">
              <del>{before || "not set"}</del>
            </td>
            <td data-head="Then">
              <ins>{after || "not set"}</ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ZonesOfPlan({ planned: { plan, spec } }: { readonly planned: PlannedCluster }) {
  const zones = [...new Set([...plan.members, ...plan.nodes].map(({ zone }) => zone))].sort();
  return (
    <div class="zones small">
      {zones.map((zone) => {
        const members = plan.members.filter((member) => member.zone === zone);
        const nodes = plan.nodes.find((group) => group.zone === zone)?.count ?? 0;
        return (
          <section key={zone} class="zone" aria-label={`Zone ${zone}`}>
            <h3>{zone}</h3>
            {members.length === 0 ? <p class="no-master">no master here</p> : null}
            {members.map(({ name, address }) => (
              <p key={name} class="planned">
                <strong>master {name}</strong> {spec.masterSize}, {address}
              </p>
            ))}
            <p class="planned">
              {counted(nodes, "node")}
              {nodes > 0 ? `, ${spec.nodeSize}` : ""}
            </p>
          </section>
        );
      })}
    </div>
  );
}

function survivesText({ masters, zones }: PlannedCluster["plan"]["survives"]): string {
  const lost = masters === 0 ? "no loss of its only master" : `the loss of ${anyMasters(masters)}`;
  return zones.length === 0 ? `${lost}, and of no zone` : `${lost}, and of one of ${zones.join(", ")}`;
}
