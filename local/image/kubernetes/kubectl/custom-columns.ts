import { UsageError } from "../common/command.ts";

/** One step of a path: a member, or the list items of which a member has a value. */
type Step = { readonly member: string } | { readonly where: string; readonly equals: string };

const STEP = /\.([A-Za-z0-9_-]+)|\[\?\(@\.([A-Za-z0-9_-]+)\s*==\s*"([^"]*)"\)\]/y;

/**
 * `-o custom-columns=NAME:.metadata.name,READY:.status.conditions[?(@.type=="Ready")].status`. Of kubectl's JSONPath it
 * knows members and filters by equality; anything else is refused.
 */
export function printColumns(template: string, objects: readonly unknown[], showHeader: boolean): string {
  const columns = splitColumns(template).map((column) => {
    const colon = column.indexOf(":");
    if (colon < 1)
      throw new UsageError(`unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`);
    return { heading: column.slice(0, colon), steps: parsePath(column.slice(colon + 1)) };
  });
  const rows = objects.map((object) => columns.map(({ steps }) => textOf(follow([object], steps))));
  const cells = [...(showHeader ? [columns.map(({ heading }) => heading)] : []), ...rows];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join("   ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** At commas outside brackets. */
function splitColumns(template: string): string[] {
  return template.split(/,(?![^[]*\])/);
}

function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const at = STEP.lastIndex;
    const [whole, member, where, equals] = STEP.exec(path) ?? [];
    if (whole === undefined)
      throw new UsageError(`the stand-in of kubectl does not know "${path.slice(at)}" in a path`);
    steps.push(member === undefined ? { where: where ?? "", equals: equals ?? "" } : { member });
  }
  return steps;
}

function follow(values: readonly unknown[], steps: readonly Step[]): unknown[] {
  return steps.reduce<unknown[]>(
    (current, step) =>
      "member" in step
        ? current.map((value) => memberOf(value, step.member)).filter((value) => value !== undefined)
        : current.flatMap((value) =>
            Array.isArray(value) ? value.filter((item) => memberOf(item, step.where) === step.equals) : [],
          ),
    [...values],
  );
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function textOf(values: readonly unknown[]): string {
  if (values.length === 0) return "<none>";
  return values.map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value))).join(",");
}
