import { setTimeout as delay } from "node:timers/promises";
import type { EtcdClient } from "./consistency/etcd-client.ts";

/** How often etcd is asked who votes; each window is known to twice that. */
const PAUSE_MS = 20;

export interface VoterWatch {
  /** For how long there were so many voters, in milliseconds, as seen from outside. */
  lasted(voters: number): number;
  stop(): Promise<void>;
}

/** Asks a member, as long as it answers, how many members vote. */
export function watchVoters(client: EtcdClient): VoterWatch {
  const seen = new Map<number, number>();
  let stopped = false;
  const watch = async (): Promise<void> => {
    let last: { voters: number; at: number } | undefined;
    while (!stopped) {
      const found = await client.members(500).catch(() => undefined);
      const at = Date.now();
      if (last) seen.set(last.voters, (seen.get(last.voters) ?? 0) + at - last.at);
      last = found ? { voters: found.voters.length, at } : last && { ...last, at };
      await delay(PAUSE_MS);
    }
  };
  const watching = watch();
  return {
    lasted: (voters) => seen.get(voters) ?? 0,
    stop: async () => {
      stopped = true;
      await watching;
      client.close();
    },
  };
}

export interface Writer {
  readonly acknowledged: ReadonlyMap<string, string>;
  /** The longest time between two acknowledged writes, in milliseconds. */
  longestGap(): number;
  stop(): Promise<void>;
}

/** Writes twenty keys a second by whichever of these members answers, and knows which were acknowledged. */
export function startWriter(clients: readonly EtcdClient[], prefix: string): Writer {
  const acknowledged = new Map<string, string>();
  let [stopped, last, longest] = [false, Date.now(), 0];
  const write = async (): Promise<void> => {
    for (let number = 1; !stopped; number++) {
      const key = `${prefix}/${number}`;
      const client = clients[number % clients.length];
      const isWritten = await client?.put(key, `${number}`, 500).then(
        () => true,
        () => false,
      );
      if (isWritten) {
        acknowledged.set(key, `${number}`);
        longest = Math.max(longest, Date.now() - last);
        last = Date.now();
      }
      await delay(50);
    }
  };
  const writing = write();
  return {
    acknowledged,
    longestGap: () => longest,
    stop: async () => {
      stopped = true;
      await writing;
      for (const client of clients) client.close();
    },
  };
}
