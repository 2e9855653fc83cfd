import type { Fleet, FleetSummary, Page } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { useResource } from "../data/resource.ts";
import { FLEET_MARKS } from "../models/cluster.ts";
import { ageOf, counted } from "../models/words.ts";
import { Badge, Command, Empty, Facts, Said } from "../parts/basics.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { DataTable } from "../parts/table.tsx";
import { hrefOf } from "../router.ts";

const EVERY_MS = 15_000;

export function FleetsScreen() {
  const fleets = useResource<Page<FleetSummary>>("/fleets?limit=100", EVERY_MS);
  return (
    <>
      <div class="head">
        <div>
          <h1>Fleets</h1>
          <p class="sub">
            Clusters under one plan of change. <Seen at={fleets.known.value.seenAt} />
          </p>
        </div>
      </div>
      <Shown of={fleets} what="fleets">
        {({ items }) =>
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

function FleetTable({ fleets }: { readonly fleets: readonly FleetSummary[] }) {
  return (
    <DataTable
      label="Fleets"
      heads={["Fleet", "Status", "Clusters", "Selector", "Policy", "Oldest backup", "Cost/mo"]}
      rows={fleets.map(({ name, status, counts, selector, oldestBackup, monthlyCost }) => ({
        key: name,
        cells: [
          <a key="name" href={hrefOf("fleets", name)}>
            {name}
          </a>,
          <Badge key="status" mark={FLEET_MARKS[status]} />,
          String(counts.clusters),
          selector ?? "by name",
          counts.violations === 0 ? "kept" : counted(counts.violations, "violation"),
          oldestBackup?.at ? ageOf(oldestBackup.at, now.value) : "–",
          `$${Math.round(monthlyCost)}`,
        ],
      }))}
    />
  );
}

export function FleetScreen({ name }: { readonly name: string }) {
  const fleet = useResource<Fleet>(`/fleets/${encodeURIComponent(name)}`, EVERY_MS);
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
            </div>
            <Facts
              rows={[
                ["Selector", value.selector ?? "by name"],
                ["Policy", value.counts.violations === 0 ? "kept" : counted(value.counts.violations, "violation")],
                ["Cost", `$${value.monthlyCost.toFixed(2)} a month`],
              ]}
            />
            <h2>Clusters</h2>
            <FleetClusters fleet={value} />
          </>
        )}
      </Shown>
    </>
  );
}

function FleetClusters({ fleet: { clusters } }: { readonly fleet: Fleet }) {
  if (clusters.length === 0) return <Empty title="No cluster is in this fleet" />;
  return (
    <DataTable
      label="Clusters of the fleet"
      heads={["Cluster", "Status", "Version", "Masters", "Nodes", "Backup", "To look at"]}
      rows={clusters.map((cluster) => ({
        key: `${cluster.endpoint}/${cluster.name}`,
        cells: [
          <a key="name" href={hrefOf("clusters", cluster.name)}>
            {cluster.name}
          </a>,
          <Badge key="status" mark={FLEET_MARKS[cluster.status]} />,
          cluster.kubernetesVersion ?? "unknown",
          String(cluster.masters),
          String(cluster.nodes),
          cluster.lastBackupAt === null ? "none" : ageOf(cluster.lastBackupAt, now.value),
          <Said key="problems">{[...cluster.problems, ...cluster.violations].join("; ") || "nothing"}</Said>,
        ],
      }))}
    />
  );
}
