import { printable } from "./terminal.ts";

/** A column of a table: its heading, and what stands in it of each row. */
export interface Column<Row> {
  readonly head: string;
  readonly of: (row: Row) => string;
  /**
   * Where the width does not suffice for all, a column with a rank is left out; those of the lowest rank are the last to
   * go. One without a rank is always shown.
   */
  readonly rank?: number;
  /** A text for people, which may be wrapped at its spaces. Only the last column may be one. */
  readonly text?: true;
}

const GAP = 2;
/** Of columns that stand below the others. */
const INDENT = 2;
/** A text narrower than this is hard to read. */
const MIN_TEXT_WIDTH = 40;
/** `-o wide`: every column, and nothing wrapped. */
export const WIDE = Number.POSITIVE_INFINITY;

/**
 * Rows under headings. What does not fit into `width` is left out by whole columns; those that must be shown then stand
 * below the others. No value is ever cut, since whoever reads a table needs the ids in it.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const drawn = columns.map((column) => {
    const cells = rows.map((row) => printable(column.of(row)));
    return { column, cells, width: Math.max(column.head.length, ...cells.map(({ length }) => length)) };
  });
  const lines = folded(fitting(drawn, width), width);
  const heads = lines.flatMap((line, index) => linesOf(line, ({ column }) => column.head, index, width));
  const cells = rows.flatMap((_, row) =>
    lines.flatMap((line, index) => linesOf(line, (each) => each.cells[row] ?? "", index, width)),
  );
  return [...heads, ...cells].join("");
}

interface Drawn<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly width: number;
}

/** The columns without a rank, and of the others as many as fit, the lowest rank first. */
function fitting<Row>(drawn: readonly Drawn<Row>[], width: number): Drawn<Row>[] {
  const taken = new Set(drawn.filter(({ column }) => column.rank === undefined));
  const optional = drawn.filter((each) => !taken.has(each));
  for (const each of optional.toSorted((one, other) => (one.column.rank ?? 0) - (other.column.rank ?? 0))) {
    if (minWidth([...taken, each]) <= width) taken.add(each);
  }
  return drawn.filter((each) => taken.has(each));
}

function minWidth<Row>(drawn: readonly Drawn<Row>[]): number {
  const widths = drawn.map(({ column, width }) => (column.text ? Math.min(width, MIN_TEXT_WIDTH) : width));
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

/** One line for each row; several where the width does not even suffice for what must be shown. */
function folded<Row>(shown: readonly Drawn<Row>[], width: number): Drawn<Row>[][] {
  const lines: Drawn<Row>[][] = [[]];
  for (const each of shown) {
    const last = lines.at(-1) ?? [];
    const fits = minWidth([...last, each]) <= width - indentOf(lines.length - 1);
    if (fits || last.length === 0) last.push(each);
    else lines.push([each]);
  }
  return lines;
}

function indentOf(line: number): number {
  return line === 0 ? 0 : INDENT;
}

/** One line; further ones, indented, for a text that does not fit beside the rest. */
function linesOf<Row>(
  line: readonly Drawn<Row>[],
  cellOf: (drawn: Drawn<Row>) => string,
  index: number,
  width: number,
): string[] {
  const gap = " ".repeat(GAP);
  const isText = line.at(-1)?.column.text === true;
  const fixed = line.slice(0, isText ? -1 : undefined).map((each) => cellOf(each).padEnd(each.width));
  const before = [" ".repeat(indentOf(index)), ...fixed.map((cell) => `${cell}${gap}`)].join("");
  const last = line.at(-1);
  if (!isText || last === undefined) return [`${before.trimEnd()}\n`];
  const [first = "", ...more] = wrap(cellOf(last), Math.max(width - before.length, MIN_TEXT_WIDTH));
  return [`${before}${first}`.trimEnd(), ...more.map((rest) => `${" ".repeat(before.length)}${rest}`)].map(
    (rest) => `${rest}\n`,
  );
}

/** At spaces only: a word that is longer than the room stays whole on a line of its own. */
export function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
