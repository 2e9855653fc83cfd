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
    rows.push(
      boxes([
        chosen,
        chosen.map((zone) => mastersOf(spec, plan, zone)),
        chosen.map((zone) => nodesOf(spec, plan, zone)),
        chosen.map((zone) => subnetsOf(plan, zone)),
      ]),
    );
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

/** Rows of boxes for texts of one or more lines; a column is as wide as its widest line. */
function boxes(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((text) => text.split("\n")));
  const columns = rows[0]?.map((_, column) => cells.flatMap((row) => row[column] ?? [])) ?? [];
  const widths = columns.map((lines) => Math.max(...lines.map(({ length }) => length)));
  const border = (left: string, between: string, right: string) =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(between)}${right}`;
  const drawn = cells.map((row) => {
    const height = Math.max(...row.map(({ length }) => length));
    const lines = Array.from({ length: height }, (_, line) =>
      widths.map((width, column) => ` ${(row[column]?.[line] ?? "").padEnd(width)} `).join("│"),
    );
    return lines.map((line) => `│${line}│`).join("\n");
  });
  return [border("┌", "┬", "┐"), drawn.join(`\n${border("├", "┼", "┤")}\n`), border("└", "┴", "┘")].join("\n");
}
