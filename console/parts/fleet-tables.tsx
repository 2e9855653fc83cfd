import type { Fleet, FleetSummary, Rollout } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { FLEET_MARKS } from "../models/cluster.ts";
import { clusterMark } from "../models/endpoints.ts";
import { changeLines, progressOf, ROLLOUT_MARKS } from "../models/rollout.ts";
import { ageOf, counted } from "../models/words.ts";
import { hrefOf } from "../router.ts";
import { Badge, Empty, Said } from "./basics.tsx";
import { ClusterLink } from "./cluster-link.tsx";
import { DataTable } from "./table.tsx";

export function FleetTable({ fleets }: { readonly fleets: readonly FleetSummary[] }) {
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
          oldestBackup?.at ? ageOf(oldestBackup.at, now.value) : "none",
          `$${Math.round(monthlyCost)}`,
        ],
      }))}
    />
  );
}

interface FleetClustersProps {
  readonly fleet: Pick<Fleet, "clusters">;
  /** In a box beside a form there is room for what a fleet is about. */
  readonly brief?: boolean;
}

/** The worst first. */
export function FleetClusters({ fleet: { clusters }, brief = false }: FleetClustersProps) {
  if (clusters.length === 0) return <Empty title="No cluster is in this fleet" />;
  const machines = brief ? [] : ["Masters", "Nodes", "Backup"];
  return (
    <DataTable
      label="Clusters of the fleet"
      heads={["Cluster", "Status", "Version", ...machines, "Problems"]}
      rows={clusters.map((cluster) => ({
        key: `${cluster.endpoint}/${cluster.name}`,
        cells: [
          <ClusterLink key="name" endpoint={cluster.endpoint} name={cluster.name} />,
          <Badge key="status" mark={clusterMark(cluster)} />,
          cluster.kubernetesVersion ?? "unknown",
          ...(brief ? [] : machinesOf(cluster)),
          <Said key="problems">{[...cluster.problems, ...cluster.violations].join("; ") || "none"}</Said>,
        ],
      }))}
    />
  );
}

function machinesOf({ masters, nodes, lastBackupAt }: Fleet["clusters"][number]): string[] {
  return [String(masters), String(nodes), lastBackupAt === null ? "none" : ageOf(lastBackupAt, now.value)];
}

export function RolloutTable({ rollouts }: { readonly rollouts: readonly Rollout[] }) {
  if (rollouts.length === 0) return <p class="hint">None yet.</p>;
  return (
    <DataTable
      label="Roll-outs"
      heads={["Begun", "State", "Change", "Clusters", "Why"]}
      rows={rollouts.map((rollout) => ({
        key: rollout.id,
        cells: [
          <a key="begun" href={hrefOf("rollouts", rollout.id)}>
            {rollout.startedAt.slice(0, 16).replace("T", " ")}
          </a>,
          <Badge key="state" mark={ROLLOUT_MARKS[rollout.state]} />,
          `${changeLines(rollout.change).join("; ")}${rollout.rollbackOf === null ? "" : " (taken back)"}`,
          progressOf(rollout.clusters),
          <Said key="why">{rollout.reason ?? "–"}</Said>,
        ],
      }))}
    />
  );
}
