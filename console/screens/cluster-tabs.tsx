import type { Backup, Cluster, Event, Operation, Page } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { readAll, write } from "../data/request.ts";
import { usePolled, useResource } from "../data/resource.ts";
import { mayDo, type Session } from "../models/access.ts";
import { newestFirst } from "../models/activity.ts";
import { backupRow } from "../models/backups.ts";
import { valueText } from "../models/change.ts";
import { HEALTH_MARKS, type Mark } from "../models/cluster.ts";
import { KIND_WORDS, OPERATION_MARKS, tookText } from "../models/timeline.ts";
import { ageOf, labelOf } from "../models/words.ts";
import { AskButton } from "../parts/ask-button.tsx";
import { Badge, Empty, Facts } from "../parts/basics.tsx";
import { EventHistory } from "../parts/event-history.tsx";
import { Shown } from "../parts/shown.tsx";
import { DataTable } from "../parts/table.tsx";
import { go, hrefOf } from "../router.ts";

const EVENTS_MS = 5_000;
const LIST_MS = 15_000;

function pathOf(name: string, list: string): string {
  return `/clusters/${encodeURIComponent(name)}/${list}`;
}

export function EventsTab({ name }: { readonly name: string }) {
  const events = usePolled<Event[]>(
    `${name} events`,
    async () => ({ value: await readAll<Event>(`${pathOf(name, "events")}?limit=100`), etag: null }),
    EVENTS_MS,
  );
  return (
    <Shown of={events} what="the event history">
      {(all) =>
        all.length === 0 ? (
          <Empty title="Nothing has happened yet" />
        ) : (
          <EventHistory events={newestFirst(all.map((event) => ({ ...event, cluster: name })))} />
        )
      }
    </Shown>
  );
}

export function OperationsTab({ name }: { readonly name: string }) {
  const operations = useResource<Page<Operation>>(`${pathOf(name, "operations")}?limit=50`, EVENTS_MS);
  const time = now.value;
  return (
    <Shown of={operations} what="operations">
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No operations yet" />
        ) : (
          <DataTable
            label="Operations"
            heads={["Operation", "Status", "Started", "Took", "Last step"]}
            rows={items.map((operation) => ({
              key: operation.id,
              cells: [
                <a key="id" href={hrefOf("operations", operation.id)}>
                  {KIND_WORDS[operation.kind]}
                </a>,
                <Badge key="status" mark={OPERATION_MARKS[operation.status]} />,
                `${ageOf(operation.startedAt, time)} ago`,
                tookText(operation, time),
                operation.error?.message ?? operation.steps.at(-1)?.name ?? "–",
              ],
            }))}
          />
        )
      }
    </Shown>
  );
}

export function MachinesTab({ cluster }: { readonly cluster: Cluster }) {
  const { members, nodes, quorum, spec } = cluster;
  return (
    <>
      <h2>Masters</h2>
      <DataTable
        label="Masters"
        heads={["Master", "Zone", "Health", "Instance", "Volume", "Address", "Certificates until"]}
        rows={members.map((member) => ({
          key: member.name,
          cells: [
            `${member.name}${member.name === quorum.leader ? " ★ leader" : ""}`,
            member.zone,
            <Badge key="health" mark={HEALTH_MARKS[member.health]} />,
            member.instanceId ?? "–",
            member.volumeId ?? "–",
            member.address,
            member.certificatesUntil?.slice(0, 10) ?? "–",
          ],
        }))}
      />
      <h2>Nodes</h2>
      {nodes.length === 0 ? (
        <Empty title="No nodes" />
      ) : (
        <DataTable
          label="Nodes"
          heads={["Node", "Zone", "State", "Instance", "Type"]}
          rows={nodes.map(({ name, zone, ready, instanceId }) => ({
            key: instanceId,
            cells: [name, zone, <Badge key="state" mark={readyMark(ready)} />, instanceId, spec.nodeSize],
          }))}
        />
      )}
    </>
  );
}

function readyMark(ready: boolean): Mark {
  return ready ? { mark: "●", word: "ready", tone: "good" } : { mark: "✕", word: "not ready", tone: "bad" };
}

export function BackupsTab({ cluster, session }: { readonly cluster: Cluster; readonly session: Session }) {
  const { name, backup } = cluster;
  const backups = useResource<Page<Backup>>(`${pathOf(name, "backups")}?limit=50`, LIST_MS);
  const drill = async () => {
    const operation = await write<Operation>("POST", pathOf(name, "drill"), {});
    go(hrefOf("operations", operation.id));
  };
  return (
    <>
      <Facts
        rows={[
          ["Taken", backup?.intervalMinutes ? `every ${backup.intervalMinutes} min` : "off"],
          ["Drill", backup?.drill?.schedule ?? "–"],
          ["Problems", backup?.problems.join("; ") || backup?.lastError || "none"],
        ]}
      />
      {mayDo(session, "repair", name) ? (
        <div class="actions">
          <AskButton label="Try a restore (drill)" run={drill} />
        </div>
      ) : null}
      <Shown of={backups} what="backups">
        {({ items }) => (items.length === 0 ? <Empty title="No backups yet" /> : <BackupTable backups={items} />)}
      </Shown>
    </>
  );
}

function BackupTable({ backups }: { readonly backups: readonly Backup[] }) {
  return (
    <DataTable
      label="Backups"
      heads={["Backup", "Age", "Size", "Revision", "Reason", "Verified", "Drill"]}
      rows={backups.map((backup) => {
        const row = backupRow(backup, now.value);
        return {
          key: row.id,
          cells: [
            <span key="id" class="id">
              {row.id}
              {row.pinned ? " · kept" : ""}
              {row.history === null ? "" : ` · ${row.history}`}
            </span>,
            row.age,
            row.size,
            row.revision,
            row.reason,
            <Badge key="verified" mark={row.verified} />,
            <Badge key="drill" mark={row.drill} />,
          ],
        };
      })}
    />
  );
}

export function SpecTab({ cluster: { spec, plan } }: { readonly cluster: Cluster }) {
  const fields = Object.entries(spec).filter(([field]) => field !== "version");
  return (
    <>
      <h2>Asked for</h2>
      <Facts rows={fields.map(([field, value]) => [labelOf(field), valueText(value) || "none"] as const)} />
      <h2>Network</h2>
      <Facts
        rows={[
          ["VPC", plan.network.cidr],
          ["Pods", plan.network.pods],
          ["Services", plan.network.services],
          ["Pod network", plan.network.used],
        ]}
      />
    </>
  );
}
