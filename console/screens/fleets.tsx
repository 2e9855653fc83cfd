import type { Fleet, FleetSummary, Page, Rollout } from "../data/api.ts";
import { readAll } from "../data/request.ts";
import { usePolled, useResource } from "../data/resource.ts";
import { mayDo, type Session } from "../models/access.ts";
import { FLEET_MARKS } from "../models/cluster.ts";
import { policyText } from "../models/fleet-form.ts";
import { mayChangeAll } from "../models/rollout.ts";
import { counted } from "../models/words.ts";
import { Badge, Command, Empty, Facts } from "../parts/basics.tsx";
import { FleetClusters, FleetTable, RolloutTable } from "../parts/fleet-tables.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { hrefOf } from "../router.ts";

const EVERY_MS = 15_000;
const ROLLOUTS_MS = 5_000;

async function readFleets() {
  return { value: await readAll<FleetSummary>("/fleets?limit=100"), etag: null };
}

export function FleetsScreen({ session }: { readonly session: Session }) {
  const fleets = usePolled<FleetSummary[]>("fleets", readFleets, EVERY_MS);
  return (
    <>
      <div class="head">
        <div>
          <h1>Fleets</h1>
          <p class="sub">
            Clusters under one plan of change. <Seen at={fleets.known.value.seenAt} />
          </p>
        </div>
        <div class="actions">
          <a class="button" href={hrefOf("endpoints")}>
            Endpoints
          </a>
          {mayChangeAll(session) ? (
            <a class="button primary" href={hrefOf("create-fleet")}>
              Create a fleet
            </a>
          ) : null}
        </div>
      </div>
      <Shown of={fleets} what="fleets">
        {(items) =>
          items.length === 0 ? (
            <Empty title="No fleets yet">
              <Command>holdfast fleet create prod --selector env=prod --yes</Command>
            </Empty>
          ) : (
            <FleetTable fleets={items} />
          )
        }
      </Shown>
    </>
  );
}

interface FleetScreenProps {
  readonly name: string;
  readonly session: Session;
}

export function FleetScreen({ name, session }: FleetScreenProps) {
  const path = `/fleets/${encodeURIComponent(name)}`;
  const fleet = useResource<Fleet>(path, EVERY_MS);
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("fleets")}>Fleets</a>
      </nav>
      <Shown of={fleet} what={`fleet ${name}`}>
        {(value) => (
          <>
            <div class="head">
              <div>
                <h1>
                  {value.name} <Badge mark={FLEET_MARKS[value.status]} />
                </h1>
                <p class="sub">
                  {counted(value.counts.clusters, "cluster")}, the worst first · <Seen at={fleet.known.value.seenAt} />
                </p>
              </div>
              <Actions name={name} session={session} />
            </div>
            <Facts rows={fleetFacts(value)} />
            <h2>Roll-outs</h2>
            <Rollouts path={path} />
            <h2>Clusters</h2>
            <FleetClusters fleet={value} />
          </>
        )}
      </Shown>
    </>
  );
}

/** What a fleet is, beside its clusters. */
export function fleetFacts(fleet: Fleet): readonly (readonly [string, string])[] {
  const { selector, counts, monthlyCost, strategy } = fleet;
  const versions = Object.entries(counts.byVersion).map(([version, count]) => `${version} (${count})`);
  return [
    ["Selector", selector ?? "by name"],
    ["Policy", policyText(fleet)],
    ["Violations", counts.violations === 0 ? "none" : String(counts.violations)],
    ["Versions", versions.join(", ") || "none"],
    [
      "Strategy",
      strategy === null ? "one after the other" : strategy.stages.map((stage) => stage.name).join(", then "),
    ],
    ["Cost", `$${monthlyCost.toFixed(2)} a month`],
  ];
}

/** To change a fleet takes a role for all clusters. */
function Actions({ name, session }: FleetScreenProps) {
  return (
    <div class="actions">
      {mayChangeAll(session) ? (
        <>
          <a class="button primary" href={hrefOf("fleets", name, "rollout")}>
            Roll out a change
          </a>
          <a class="button" href={hrefOf("fleets", name, "change")}>
            Change
          </a>
        </>
      ) : null}
      {mayDo(session, "delete", "*") ? (
        <a class="button quiet-danger" href={hrefOf("fleets", name, "delete")}>
          Delete
        </a>
      ) : null}
    </div>
  );
}

function Rollouts({ path }: { readonly path: string }) {
  const rollouts = useResource<Page<Rollout>>(`${path}/rollouts?limit=10`, ROLLOUTS_MS);
  return (
    <Shown of={rollouts} what="roll-outs">
      {({ items }) => <RolloutTable rollouts={items} />}
    </Shown>
  );
}
