import type { LogLine } from "./contract.ts";

/** Lines kept for each function. */
const KEPT_LINES = 1000;

/** What functions printed lately, by function, and who listens to it. Stands for CloudWatch Logs. */
export class LogBuffer {
  readonly #lines = new Map<string, LogLine[]>();
  readonly #listeners = new Set<(line: LogLine) => void>();

  append(line: LogLine): void {
    const lines = this.#lines.get(line.functionName) ?? [];
    this.#lines.set(line.functionName, lines);
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    for (const listener of this.#listeners) listener(line);
  }

  /** Oldest first. Without a name: of all functions, by time. */
  of(functionName?: string): readonly LogLine[] {
    if (functionName !== undefined) return this.#lines.get(functionName) ?? [];
    return [...this.#lines.values()].flat().sort((one, other) => one.time - other.time);
  }

  /** Calls back for each further line; returns how to stop. */
  onLine(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
