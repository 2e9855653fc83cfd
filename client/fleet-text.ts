import type { FleetClusterView, FleetSummary, FleetView } from "../functions/domain/api/fleet-views.ts";
import type { RolloutView } from "../functions/domain/api/rollout-views.ts";
import { counted } from "../functions/domain/text/counted.ts";
import { formatDuration } from "./durations.ts";
import { placedText } from "./placed-ref.ts";
import { type Column, table, wrap } from "./tables.ts";
import { printable, type Terminal } from "./terminal.ts";

const FLEETS: readonly Column<FleetSummary>[] = [
  { head: "NAME", of: ({ name }) => name },
  { head: "STATUS", of: ({ status }) => status },
  { head: "CLUSTERS", of: ({ counts }) => String(counts.clusters) },
  { head: "VERSIONS", of: ({ counts }) => countsText(counts.byVersion), rank: 2 },
  { head: "OLDEST BACKUP", of: ({ oldestBackup }) => ageOf(oldestBackup?.at ?? null), rank: 3 },
  { head: "USD/MONTH", of: ({ monthlyCost }) => monthlyCost.toFixed(2), rank: 4 },
  { head: "VIOLATIONS", of: ({ counts }) => String(counts.violations), rank: 1 },
];

const CLUSTERS: readonly Column<FleetClusterView>[] = [
  { head: "CLUSTER", of: placedText },
  { head: "STATUS", of: ({ status }) => status },
  { head: "VERSION", of: ({ kubernetesVersion }) => kubernetesVersion ?? "-", rank: 1 },
  { head: "MASTERS", of: ({ masters }) => String(masters), rank: 4 },
  { head: "NODES", of: ({ nodes }) => String(nodes), rank: 5 },
  { head: "BACKUP", of: ({ lastBackupAt }) => ageOf(lastBackupAt), rank: 3 },
  { head: "LABELS", of: ({ labels }) => pairsText(labels), rank: 6 },
  { head: "FINDINGS", of: ({ problems, violations }) => [...problems, ...violations].join("; "), text: true },
];

const ROLLOUTS: readonly Column<RolloutView>[] = [
  { head: "ID", of: ({ id }) => id },
  { head: "FLEET", of: ({ fleet }) => fleet, rank: 3 },
  { head: "STATE", of: ({ state }) => state },
  { head: "STARTED", of: ({ startedAt }) => startedAt.replace(/\.\d+Z$/, "Z"), rank: 2 },
  { head: "CLUSTERS", of: ({ counts }) => countsText(counts), rank: 1 },
  { head: "REASON", of: ({ reason }) => reason ?? "-", text: true },
];

const OF_ROLLOUT: readonly Column<RolloutView["clusters"][number]>[] = [
  { head: "STAGE", of: ({ stage }) => stage },
  { head: "CLUSTER", of: placedText },
  { head: "STATE", of: ({ state }) => state },
  { head: "OPERATION", of: ({ operation }) => operation ?? "-", rank: 1 },
  { head: "REASON", of: ({ reason }) => reason ?? "-", text: true },
];

export function fleetsText(fleets: readonly FleetSummary[], width: number): string {
  return fleets.length === 0 ? "no fleets\n" : table(FLEETS, fleets, width);
}

/**
 * One fleet with its clusters, the worst first. `planned`: before it is made or changed, without ages: a chat compares
 * what was confirmed with what is.
 */
export function fleetText(fleet: FleetView, terminal: Terminal, width = terminal.columns, planned = false): string {
  const { name, status, selector, policy, counts, oldestBackup, monthlyCost, clusters } = fleet;
  const color = status === "ACTIVE" ? "green" : status === "DEGRADED" || status === "FAILED" ? "red" : "yellow";
  const columns = planned ? CLUSTERS.filter(({ head }) => head !== "BACKUP") : CLUSTERS;
  const backup = oldestBackup === null ? "-" : `${ageOf(oldestBackup.at)}, of ${oldestBackup.cluster}`;
  return [
    `${terminal.paint("bold", name)}  ${terminal.paint(color, status)}`,
    ...(selector === null ? [] : [`Selector    ${printable(selector)}`]),
    `Clusters    ${counts.clusters}${counts.clusters > 0 ? `: ${countsText(counts.byStatus)}` : ""}`,
    `Versions    ${countsText(counts.byVersion) || "-"}`,
    ...(planned ? [] : [`Backup      ${backup}`]),
    `USD/month   ${monthlyCost.toFixed(2)}`,
    `Policy      ${policyText(policy)}; ${counted(counts.violations, "violation")}`,
    "",
    clusters.length === 0 ? "no clusters\n" : table(columns, clusters, width),
  ].join("\n");
}

/** `all`: of all fleets, so that each line says of which. */
export function rolloutsText(rollouts: readonly RolloutView[], width: number, all = false): string {
  const columns = ROLLOUTS.map(({ rank, ...column }) =>
    rank === undefined || (all && column.head === "FLEET") ? column : { ...column, rank },
  );
  return rollouts.length === 0 ? "no roll-outs\n" : table(columns, rollouts, width);
}

/** What it changes, its stages, and how far each cluster is. `planned`: before it begins, when its id means nothing. */
export function rolloutText(
  rollout: RolloutView,
  terminal: Terminal,
  width = terminal.columns,
  planned = false,
): string {
  const { id, fleet, state, reason, change, strategy, counts, clusters, approvals, checks = [], rollbackOf } = rollout;
  const stages = strategy.stages.map(({ name, maxConcurrent, maxFailures, soakMinutes, before, after }) => {
    const gates = [
      ...before.map((gate) => `, after ${gateText(gate)}`),
      ...after.map((gate) => `, then ${gateText(gate)}`),
    ];
    const soak = soakMinutes > 0 ? `, then healthy for ${formatDuration(soakMinutes * 60_000)}` : "";
    const own = clusters.filter(({ stage }) => stage === name).length;
    return `Stage       ${name}: ${counted(own, "cluster")}, ${maxConcurrent} at once, stops above ${counted(maxFailures, "failure")}${soak}${gates.join("")}`;
  });
  return [
    planned ? `Roll-out of ${fleet}` : `${terminal.paint("bold", id)} of ${fleet}  ${state}`,
    ...(reason === null ? [] : wrap(printable(reason), width)),
    ...(rollbackOf === null ? [`Change      ${printable(JSON.stringify(change))}`] : [`Takes back  ${rollbackOf}`]),
    `Clusters    ${countsText(counts)}`,
    ...stages,
    ...checks.map(
      ({ name, passed, by, at, message }) =>
        `Check       ${name} ${passed ? "passed" : "failed"}${by === null ? "" : `, by ${printable(by)}`}, ${at}${message === null ? "" : `: ${printable(message)}`}`,
    ),
    ...approvals.map(({ stage, by, at }) => `Approved    ${stage}, by ${printable(by)}, ${at}`),
    "",
    table(OF_ROLLOUT, clusters, width),
  ].join("\n");
}

function gateText(gate: RolloutView["strategy"]["stages"][number]["before"][number]): string {
  if (gate.gate === "approval") return `an approval by an ${gate.by}`;
  return gate.url === undefined ? `check ${gate.name}` : `check ${gate.name} by ${printable(gate.url)}`;
}

/** `3 ACTIVE, 1 DEGRADED`. */
function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
}

function policyText({ kubernetes, backup, masters, spread, enforce }: FleetView["policy"]): string {
  const parts = [
    kubernetes ? `Kubernetes ${kubernetes.minimum} or newer` : "",
    backup?.intervalMinutes === undefined ? "" : `a backup each ${formatDuration(backup.intervalMinutes * 60_000)}`,
    backup?.drill === undefined ? "" : `a drill ${backup.drill}`,
    masters ? `${counted(masters.minimum, "master")} or more` : "",
    spread ? `masters in ${counted(spread.zones, "zone")} or more` : "",
    enforce?.length ? `enforced: ${enforce.join(", ")}` : "",
  ].filter((part) => part !== "");
  return parts.join(", ") || "none";
}

function pairsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function ageOf(time: string | null): string {
  return time === null ? "none" : formatDuration(Date.now() - Date.parse(time));
}
