import { setTimeout as delay } from "node:timers/promises";
import type { EtcdEndpoints } from "./consistency/endpoints.ts";

/** etcd clusters that answered at one moment, by the members that did. */
export interface Sighting {
  readonly at: number;
  readonly clusters: Readonly<Record<string, readonly string[]>>;
}

export interface ClusterIdWatch extends AsyncDisposable {
  /** Moments at which members served different clusters. */
  forks(): Sighting[];
  /** Ids in the order in which they were first seen. */
  ids(): string[];
  /** When a member first, or last, served this cluster; epoch milliseconds. */
  firstSeen(id: string): number;
  lastSeen(id: string): number;
}

const PERIOD_MS = 250;
const ANSWER_MS = 1_500;

/** Asks every member, from outside, which etcd cluster it serves: never two at a time, whatever the product believes. */
export function watchClusterIds(endpoints: EtcdEndpoints): ClusterIdWatch {
  const clients = endpoints.members.map((member) => ({ member, client: endpoints.connect(member) }));
  const seen: Sighting[] = [];
  let stopped = false;
  const watch = async (): Promise<void> => {
    while (!stopped) {
      const at = Date.now();
      const answers = await Promise.all(
        clients.map(async ({ member, client }) => {
          const status = await client.status(ANSWER_MS).catch(() => undefined);
          return status ? [{ member, id: status.header.cluster_id }] : [];
        }),
      );
      const clusters = Map.groupBy(answers.flat(), ({ id }) => id);
      const entries = [...clusters].map(([id, members]) => [id, members.map(({ member }) => member)]);
      seen.push({ at, clusters: Object.fromEntries(entries) });
      await delay(PERIOD_MS);
    }
  };
  const watching = watch();
  const sightings = (id: string): number[] => seen.flatMap(({ at, clusters }) => (id in clusters ? [at] : []));
  return {
    forks: () => seen.filter(({ clusters }) => Object.keys(clusters).length > 1),
    ids: () => [...new Set(seen.flatMap(({ clusters }) => Object.keys(clusters)))],
    firstSeen: (id) => sightings(id)[0] ?? Number.NaN,
    lastSeen: (id) => sightings(id).at(-1) ?? Number.NaN,
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await watching;
      for (const { client } of clients) client.close();
    },
  };
}
