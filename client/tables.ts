import Table from "cli-table3";
import { printable } from "./terminal.ts";

const GAP = 2;
const MIN_COLUMN_WIDTH = 8;
const NO_BORDERS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: " ".repeat(GAP),
};

/** Rows under headings, no wider than `width`: the widest columns give way first, their texts end in an ellipsis. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  const cells = [head, ...rows].map((row) => row.map(printable));
  const natural = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const colWidths = shrink(natural, width - GAP * (head.length - 1));
  const drawn = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colWidths,
  });
  drawn.push(...cells);
  return `${drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n")}\n`;
}

function shrink(natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - width; excess > 0; excess--) {
    const widestColumn = widths.indexOf(Math.max(...widths));
    if ((widths[widestColumn] ?? 0) <= MIN_COLUMN_WIDTH) break;
    widths[widestColumn] = (widths[widestColumn] ?? 0) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
