import type { MigrationPlan } from "../../functions/domain/migrate/planned-migration.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { wrap } from "../tables.ts";
import { printable, type Terminal } from "../terminal.ts";
import { costChangeLines } from "./cost-text.ts";

type Part = MigrationPlan["parts"][number];

/** What a migration would do, for people. */
export function migrationText(plan: MigrationPlan, terminal: Terminal): string {
  if (plan.parts.length === 0) return `${plan.cluster}: nothing to change\n`;
  const { before, after } = plan.survives;
  const size =
    plan.masterSize === null ? [] : [`Size       ${plan.masterSize} for every master that is launched from now on`];
  const lines = [
    `Masters of ${plan.cluster}: ${plan.from.join(", ")} → ${plan.to.join(", ")}`,
    "",
    ...plan.parts.map((part, index) => `  ${index + 1}. ${partText(part)}`),
    "",
    ...size,
    ...(plan.addedBlocks ?? []).map((block) => `Network    ${block} is added to the VPC, which is full`),
    ...plan.subnets.map(
      ({ name, cidr, type }, index) => `${index === 0 ? "Subnets    " : "           "}${cidr}  ${type}  ${name}`,
    ),
    `Now        ${survivalText(before)}`,
    `After      ${survivalText(after)}`,
    ...costText(plan.cost),
    `Time       about ${counted(plan.minutes, "minute")}; a backup is taken first`,
  ];
  const warnings = plan.warnings.flatMap((warning) => wrap(printable(`Warning: ${warning}`), terminal.columns));
  return `${[...lines.map(printable), ...(warnings.length > 0 ? ["", ...warnings] : [])].join("\n")}\n`;
}

/** `+ b in us-west-2b, + c in us-west-2c: voters 1 → 2 → 3, survives the loss of 0 → 0 → 1`. */
function partText({ changes, voters, survives }: Part): string {
  const what = changes.map(({ change, slot, zone, replaces }) => {
    if (change === "shrink") return `− ${slot} in ${zone}`;
    return `+ ${slot} in ${zone}${replaces === undefined ? "" : `, then − ${replaces}`}`;
  });
  return `${what.join(", ")}: voters ${voters.join(" → ")}, survives the loss of ${survives.join(" → ")}`;
}

function survivalText({ masters, zones }: MigrationPlan["survives"]["before"]): string {
  const lost = masters === 0 ? "no master" : `any ${counted(masters, "master")}`;
  return `survives the loss of ${lost}; of a zone: ${zones.length === 0 ? "none" : zones.join(", ")}`;
}

/** Also where it stays as it is: a plan says what it costs. */
function costText({ before, after }: MigrationPlan["cost"]): string[] {
  const changes = costChangeLines(before, after).map((line) => line.trimStart());
  if (changes.length > 0) return changes;
  return after.monthly === null ? [] : [`USD/month  ${after.monthly.toFixed(2)}, as now`];
}
