import { setTimeout as delay } from "node:timers/promises";
import type { EtcdEndpoints } from "./consistency/endpoints.ts";

/** A key that every member must answer with, whenever it answers at all. */
export const WITNESS = { key: "holdfast-witness", value: "old data" } as const;

export interface DataWatch extends AsyncDisposable {
  /** Answers so far, of all members together. */
  readonly answers: number;
  /** Every answer of other data than the cluster's: by cluster id, or by the witness. */
  readonly foreign: readonly string[];
  /** The longest time for which no member answered a linearizable read, in milliseconds. */
  maxSilence(): number;
}

/** Asks each member's etcd all the time, from outside and on connections of its own, whose data it serves. */
export async function watchData(endpoints: EtcdEndpoints): Promise<DataWatch> {
  const clients = endpoints.members.map((member) => ({ member, client: endpoints.connect(member) }));
  const [first] = clients;
  if (!first) throw new Error("the cluster has no members");
  await first.client.put(WITNESS.key, WITNESS.value, 5_000);
  const clusterId = (await first.client.status(5_000)).header.cluster_id;
  const foreign: string[] = [];
  const read: number[] = [Date.now()];
  let answers = 0;
  const end = new AbortController();
  const say = (member: string, what: string) => {
    foreign.push(`${new Date().toISOString()} ${member}: ${what}`);
  };
  const look = async ({ member, client }: (typeof clients)[number]): Promise<void> => {
    const status = await client.status(2_000).catch(() => undefined);
    if (status && status.header.cluster_id !== clusterId) say(member, `cluster ${status.header.cluster_id}`);
    const found = await client.get(WITNESS.key, 2_000).catch(() => undefined);
    if (!found) return;
    answers += 1;
    read.push(Date.now());
    if (found.value !== WITNESS.value) say(member, `the witness is ${found.value}`);
  };
  const loops = clients.map(async (each) => {
    while (!end.signal.aborted) {
      await look(each);
      await delay(50);
    }
  });
  return {
    get answers() {
      return answers;
    },
    foreign,
    maxSilence: () => {
      const times = [...read, Date.now()];
      return Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await Promise.all(loops);
      for (const { client } of clients) client.close();
    },
  };
}
