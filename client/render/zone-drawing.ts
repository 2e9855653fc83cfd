import Table from "cli-table3";
import type { Plan } from "../../functions/domain/plan/plan-types.ts";
import { subnetZones } from "../../functions/domain/plan/subnets.ts";
import type { ClusterSpec } from "../../functions/domain/spec/spec.ts";

/** Widest text in a cell is a line such as `  172.20.192.10, 20 GiB`; with borders and padding a column takes this much. */
const COLUMN = 28;

/** The zones as columns with what each will hold; in several rows of boxes when they do not fit side by side. */
export function drawZones(spec: ClusterSpec, plan: Plan, width: number): string {
  const zones = subnetZones(spec);
  const perRow = Math.max(1, Math.floor((width - 1) / COLUMN));
  const rows: string[] = [];
  for (let start = 0; start < zones.length; start += perRow) {
    const chosen = zones.slice(start, start + perRow);
    const table = new Table({ head: chosen, style: { head: [], border: [] } });
    table.push(chosen.map((zone) => mastersOf(spec, plan, zone)));
    table.push(chosen.map((zone) => nodesOf(spec, plan, zone)));
    table.push(chosen.map((zone) => subnetsOf(plan, zone)));
    rows.push(table.toString());
  }
  return rows.join("\n");
}

function mastersOf(spec: ClusterSpec, plan: Plan, zone: string): string {
  const lines = plan.members
    .filter((member) => member.zone === zone)
    .flatMap(({ name, address }) => [`master ${name} (${spec.masterSize})`, `  ${address}, ${spec.etcdVolumeGiB} GiB`]);
  return lines.length > 0 ? lines.join("\n") : "no master";
}

function nodesOf(spec: ClusterSpec, plan: Plan, zone: string): string {
  const count = plan.nodes.find((group) => group.zone === zone)?.count ?? 0;
  if (count === 0) return "no node";
  return `${count} ${count === 1 ? "node" : "nodes"} (${spec.nodeSize})`;
}

function subnetsOf(plan: Plan, zone: string): string {
  return plan.subnets
    .filter((subnet) => subnet.zone === zone)
    .map(({ type, cidr }) => `${type} ${cidr}`)
    .join("\n");
}
