import { setMaxListeners } from "node:events";
import type { CloudContext } from "../../context/context.ts";

/**
 * Work that continues after a call was answered: states that take time. Ends, and is awaited, when the service closes.
 */
export class Background {
  readonly #context: CloudContext;
  readonly #closing = new AbortController();
  readonly #tasks = new Set<Promise<void>>();

  constructor(context: CloudContext) {
    this.#context = context;
    setMaxListeners(0, this.#closing.signal);
  }

  /** Starts a task. What it throws is a defect or a failed host, and is logged under `label`. */
  run(label: string, task: () => Promise<void>): void {
    const guarded = task()
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) this.#context.log(`ec2: ${label}: ${describe(error)}`);
      })
      .finally(() => this.#tasks.delete(guarded));
    this.#tasks.add(guarded);
  }

  /** Waits on the cloud's clock; rejects when the service closes. */
  async sleep(milliseconds: number): Promise<void> {
    this.#closing.signal.throwIfAborted();
    await this.#context.clock.sleep(milliseconds, this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error("EC2 is closing"));
    await Promise.all(this.#tasks);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
