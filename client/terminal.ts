import { styleText } from "node:util";

/** Where a command writes. `out` is its result and nothing else; `note` is everything that is for eyes only. */
export interface Terminal {
  /** Width in characters. */
  readonly columns: number;
  /** Height in lines, where it has one. */
  readonly rows?: number;
  /** Standard output is a terminal, so that text may be repainted. */
  readonly interactive: boolean;
  out(text: string): void;
  note(line: string): void;
  paint(style: Style, text: string): string;
  /** Runs what Ctrl-C ends by this signal, and not by ending the process. Absent where nobody can press it. */
  untilInterrupted?<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export type Style = "green" | "yellow" | "red" | "dim" | "bold";

/** A pipe or a file has no width: nothing is cut there. */
const UNLIMITED_COLUMNS = 10_000;
const DEFAULT_ROWS = 24;

/** Colours only on a terminal, and not where NO_COLOR is set (https://no-color.org). */
export function processTerminal(): Terminal {
  const interactive = process.stdout.isTTY === true;
  const colours = interactive && (process.env["NO_COLOR"] ?? "") === "";
  return {
    get columns() {
      return process.stdout.columns || UNLIMITED_COLUMNS;
    },
    get rows() {
      return process.stdout.rows || DEFAULT_ROWS;
    },
    interactive,
    out: (text) => process.stdout.write(text),
    note: (line) => process.stderr.write(`${line}\n`),
    paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
    untilInterrupted,
  };
}

async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interruption = new AbortController();
  const abort = () => interruption.abort();
  process.on("SIGINT", abort);
  try {
    return await run(interruption.signal);
  } finally {
    process.off("SIGINT", abort);
  }
}

/** Text from elsewhere, without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}
