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
/** A text narrower than this is hard to read. */
const MIN_TEXT_WIDTH = 40;
/** `-o wide`: every column, and nothing wrapped. */
export const WIDE = Number.POSITIVE_INFINITY;

/**
 * Rows under headings. What does not fit into `width` is left out by whole columns; no value is ever cut, since whoever
 * reads a table needs the ids in it.
 */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const drawn = columns.map((column) => {
    const cells = rows.map((row) => printable(column.of(row)));
    return { column, cells, width: Math.max(column.head.length, ...cells.map(({ length }) => length)) };
  });
  const shown = fitting(drawn, width);
  const heads = shown.map(({ column: { head } }) => head);
  const lines = rows.map((_, row) => shown.map(({ cells }) => cells[row] ?? ""));
  return [heads, ...lines].flatMap((cells) => linesOf(cells, shown, width)).join("");
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
    const wanted = [...taken, each].map((one) => (one.column.text ? Math.min(one.width, MIN_TEXT_WIDTH) : one.width));
    if (wanted.reduce((sum, one) => sum + one + GAP, -GAP) <= width) taken.add(each);
  }
  return drawn.filter((each) => taken.has(each));
}

/** One line; further ones, indented, for a text that does not fit beside the rest. */
function linesOf<Row>(cells: readonly string[], shown: readonly Drawn<Row>[], width: number): string[] {
  const gap = " ".repeat(GAP);
  const isText = shown.at(-1)?.column.text === true;
  const fixed = cells.slice(0, isText ? -1 : undefined).map((cell, index) => cell.padEnd(shown[index]?.width ?? 0));
  const before = fixed.map((cell) => `${cell}${gap}`).join("");
  if (!isText) return [`${before.trimEnd()}\n`];
  const [first = "", ...more] = wrap(cells.at(-1) ?? "", Math.max(width - before.length, MIN_TEXT_WIDTH));
  return [`${before}${first}`.trimEnd(), ...more.map((line) => `${" ".repeat(before.length)}${line}`)].map(
    (line) => `${line}\n`,
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
