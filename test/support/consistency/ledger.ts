import { setTimeout as delay } from "node:timers/promises";
import type { EtcdEndpoints } from "./endpoints.ts";

/** A try that is caught by a leader's death has no answer for seconds: better given up and sent to another member. */
export const TRY_MS = 500;
const PAUSE_MS = 10;

/** One client that writes key after key, by any member that answers. */
export interface Ledger extends AsyncDisposable {
  readonly acknowledged: number;
  /** The longest time without an acknowledged write since then, in milliseconds. */
  maxGapSince(epochMs: number): number;
  stop(): Promise<void>;
}

/**
 * Writes `ledger/TIME/1`, `ledger/TIME/2`… one after the other until stopped, each until it is acknowledged; a try that
 * fails goes to the next member. `onAcknowledged` gets each write that must never be lost.
 */
export function startLedger(endpoints: EtcdEndpoints, onAcknowledged: (key: string, value: string) => void): Ledger {
  const clients = endpoints.members.map((member) => endpoints.connect(member));
  const began = Date.now();
  const times: number[] = [began];
  let stopped = false;
  const write = async (): Promise<void> => {
    let at = 0;
    for (let number = 1; !stopped; ) {
      const [key, value] = [`ledger/${began}/${number}`, `${number}`];
      try {
        await clients[at % clients.length]?.put(key, value, TRY_MS);
        times.push(Date.now());
        onAcknowledged(key, value);
        number++;
      } catch {
        at++;
      }
      await delay(PAUSE_MS);
    }
  };
  const written = write();
  const stop = async (): Promise<void> => {
    stopped = true;
    await written;
    for (const client of clients) client.close();
  };
  return {
    get acknowledged() {
      return times.length - 1;
    },
    maxGapSince: (epochMs) => {
      const first = Math.max(0, times.findIndex((time) => time >= epochMs) - 1);
      const lately = [...times.slice(first), Date.now()];
      return Math.max(...lately.slice(1).map((time, index) => time - (lately[index] ?? time)));
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
