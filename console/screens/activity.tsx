import type { Cluster, Event } from "../data/api.ts";
import { read, readAll } from "../data/request.ts";
import { usePolled } from "../data/resource.ts";
import { type ClusterEvent, newestFirst } from "../models/activity.ts";
import { Empty } from "../parts/basics.tsx";
import { EventHistory } from "../parts/event-history.tsx";
import { Seen, Shown } from "../parts/shown.tsx";

const EVERY_MS = 15_000;
/** Events are read cluster by cluster: of those that changed last. */
const CLUSTERS = 20;
const DAY_MS = 86_400_000;

async function readActivity() {
  const clusters = await readAll<Cluster>("/clusters?limit=100");
  const latest = clusters.toSorted((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1)).slice(0, CLUSTERS);
  const since = new Date(Date.now() - DAY_MS).toISOString();
  const all = await Promise.all(
    latest.map(async ({ name }): Promise<ClusterEvent[]> => {
      const path = `/clusters/${encodeURIComponent(name)}/events?limit=100&since=${since}`;
      const page = await read<{ items: Event[] }>(path);
      return (page?.value.items ?? []).map((event) => ({ ...event, cluster: name }));
    }),
  );
  return { value: newestFirst(all.flat()), etag: null };
}

/** Who did what, in all clusters, and by which way. */
export function ActivityScreen() {
  const events = usePolled<ClusterEvent[]>("activity", readActivity, EVERY_MS);
  return (
    <>
      <div class="head">
        <div>
          <h1>Activity</h1>
          <p class="sub">
            The last day, of the {CLUSTERS} clusters that changed last. <Seen at={events.known.value.seenAt} />
          </p>
        </div>
      </div>
      <Shown of={events} what="activity">
        {(all) =>
          all.length === 0 ? (
            <Empty title="Nothing in the last day" />
          ) : (
            <EventHistory events={all} showsCluster={true} />
          )
        }
      </Shown>
    </>
  );
}
