import type { CloudContext } from "../context/context.ts";
import { ActiveFault, type EndReason, type FaultView } from "./active-fault.ts";
import type { FaultControl, Started } from "./fault.ts";
import type { FaultRequest } from "./request.ts";

const KEPT_FAULTS = 1000;

/** All faults of a local cloud, those in force and those that are over. */
export class FaultRegistry {
  readonly #context: Pick<CloudContext, "clock" | "log">;
  readonly #faults = new Map<string, ActiveFault>();
  readonly #closing = new AbortController();
  #last = 0;

  constructor(context: Pick<CloudContext, "clock" | "log">) {
    this.#context = context;
  }

  /** Puts a fault in force. Rejects with what `start` rejects with; then there is no such fault. */
  async begin(request: FaultRequest, start: (control: FaultControl) => Started): Promise<FaultView> {
    this.#last += 1;
    const { clock } = this.#context;
    const fault = new ActiveFault(`fault-${this.#last}`, request, {
      now: () => clock.now(),
      onUsedUp: () => this.#endLater(fault, "count"),
    });
    fault.undo = await start(fault);
    this.#faults.set(fault.id, fault);
    if (this.#faults.size > KEPT_FAULTS) this.#forgetOne();
    if (!fault.undo) fault.markEnded("done");
    else if (fault.ended) await fault.undo();
    else if ("durationMs" in request && request.durationMs !== undefined) this.#endAfter(fault, request.durationMs);
    return fault.view();
  }

  list(): FaultView[] {
    return [...this.#faults.values()].map((fault) => fault.view());
  }

  /** Ends the faults in force that `isMeant` picks; resolves with their ids once they no longer act. */
  async end(isMeant: (fault: FaultView) => boolean): Promise<string[]> {
    const meant = [...this.#faults.values()].filter((fault) => !fault.ended && isMeant(fault.view()));
    await Promise.all(meant.map((fault) => this.#end(fault, "request")));
    return meant.map(({ id }) => id);
  }

  /** The cloud is going down: nothing is undone any more. */
  close(): void {
    this.#closing.abort();
  }

  async #end(fault: ActiveFault, reason: EndReason): Promise<void> {
    if (fault.ended) return;
    fault.markEnded(reason);
    await fault.undo?.();
  }

  #endLater(fault: ActiveFault, reason: EndReason): void {
    this.#end(fault, reason).catch((error: unknown) => this.#context.log(`faults: ${fault.id}: ${String(error)}`));
  }

  #endAfter(fault: ActiveFault, milliseconds: number): void {
    this.#context.clock
      .sleep(milliseconds, this.#closing.signal)
      .then(() => this.#endLater(fault, "duration"))
      // The local cloud is closing.
      .catch(() => undefined);
  }

  #forgetOne(): void {
    const oldest = [...this.#faults.values()].find((fault) => fault.ended);
    if (oldest) this.#faults.delete(oldest.id);
  }
}
