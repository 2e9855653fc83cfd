import type { Readable, Writable } from "node:stream";

/** Calls back with each line of `stream` parsed as JSON. A line that is not JSON ends the stream with an error. */
export function readJsonLines(stream: Readable, onValue: (value: unknown) => void): void {
  let pending = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) {
      try {
        onValue(JSON.parse(line));
      } catch (error) {
        stream.destroy(error instanceof Error ? error : new Error(String(error)));
        return;
      }
    }
  });
}

/** Writes one value as a line; values for a stream that has ended are dropped, as its reader is gone. */
export function writeJsonLine(stream: Writable, value: unknown): void {
  if (stream.writable) stream.write(`${JSON.stringify(value)}\n`);
}
