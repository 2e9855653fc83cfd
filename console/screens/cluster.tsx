import type { Cluster, Operation } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { write } from "../data/request.ts";
import { type Resource, useResource } from "../data/resource.ts";
import { mayDo, type Session } from "../models/access.ts";
import { quorumSentence, STATUS_MARKS, versionOf } from "../models/cluster.ts";
import { KIND_WORDS, waitingFor } from "../models/timeline.ts";
import { AskButton } from "../parts/ask-button.tsx";
import { Badge, Notice, Said } from "../parts/basics.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { ZoneDrawing } from "../parts/zone-drawing.tsx";
import { go, hrefOf } from "../router.ts";
import { BackupsTab, EventsTab, MachinesTab, OperationsTab, SpecTab } from "./cluster-tabs.tsx";

const EVERY_MS = 5_000;
const OPERATION_MS = 2_000;

const TABS = [
  ["events", "Events"],
  ["operations", "Operations"],
  ["machines", "Machines"],
  ["backups", "Backups"],
  ["spec", "Spec"],
] as const;

interface ClusterScreenProps {
  readonly name: string;
  readonly tab: string | undefined;
  readonly session: Session;
}

export function ClusterScreen({ name, tab, session }: ClusterScreenProps) {
  const cluster = useResource<Cluster>(`/clusters/${encodeURIComponent(name)}`, EVERY_MS);
  const active = TABS.find(([id]) => id === tab)?.[0] ?? "events";
  const tabs = TABS.map(([id, label]) => ({ id, label, href: hrefOf("clusters", name, id) }));
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("clusters")}>Clusters</a>
      </nav>
      <Shown of={cluster} what={`cluster ${name}`}>
        {(value) => (
          <>
            <Head cluster={value} session={session} resource={cluster} />
            {value.operation === null ? (
              <ZoneDrawing cluster={value} operation={null} />
            ) : (
              <Busy cluster={value} id={value.operation} />
            )}
            <Tabs tabs={tabs} active={active}>
              <TabContent active={active} cluster={value} session={session} />
            </Tabs>
          </>
        )}
      </Shown>
    </>
  );
}

interface TabContentProps {
  readonly active: (typeof TABS)[number][0];
  readonly cluster: Cluster;
  readonly session: Session;
}

function TabContent({ active, cluster, session }: TabContentProps) {
  if (active === "operations") return <OperationsTab name={cluster.name} />;
  if (active === "machines") return <MachinesTab cluster={cluster} />;
  if (active === "backups") return <BackupsTab cluster={cluster} session={session} />;
  if (active === "spec") return <SpecTab cluster={cluster} />;
  return <EventsTab name={cluster.name} />;
}

interface HeadProps {
  readonly cluster: Cluster;
  readonly session: Session;
  readonly resource: Resource<Cluster>;
}

function Head({ cluster, session, resource }: HeadProps) {
  const { name, status, reason, endpoint, drift } = cluster;
  // Then the reason stands with what is done about it.
  const isUnderWay = cluster.operation !== null && STATUS_MARKS[status].tone === "busy";
  return (
    <>
      <div class="head">
        <div>
          <h1>
            {name} <Badge mark={STATUS_MARKS[status]} />
          </h1>
          <p class="quorum">{quorumSentence(cluster)}</p>
          <p class="sub">
            Kubernetes {versionOf(cluster)}
            {endpoint === null ? null : <> · {endpoint}</>} · <Seen at={resource.known.value.seenAt} />
          </p>
        </div>
        <Actions cluster={cluster} session={session} refresh={resource.refresh} />
      </div>
      {reason === null || isUnderWay ? null : (
        <Notice tone={STATUS_MARKS[status].tone === "bad" ? "bad" : "warn"} title={STATUS_MARKS[status].word}>
          <p>
            <Said>{reason}</Said>
          </p>
        </Notice>
      )}
      {(drift ?? []).map(({ message, since }) => (
        <Notice key={message} tone="warn" title="Somebody changed the account">
          <p>
            <Said>{message}</Said>, since {since}
          </p>
        </Notice>
      ))}
    </>
  );
}

interface ActionsProps {
  readonly cluster: Cluster;
  readonly session: Session;
  readonly refresh: () => void;
}

/** Only what the caller may do; the API decides again. */
function Actions({ cluster: { name, status }, session, refresh }: ActionsProps) {
  if (status === "DELETED") return null;
  const path = `/clusters/${encodeURIComponent(name)}`;
  const follow = async (action: "backup" | "resume") => {
    const operation = await write<Operation>("POST", `${path}/${action}`);
    refresh();
    if ("kind" in operation) go(hrefOf("operations", operation.id));
  };
  return (
    <div class="actions">
      {mayDo(session, "change", name) ? (
        <a class="button primary" href={hrefOf("clusters", name, "change")}>
          Change
        </a>
      ) : null}
      {mayDo(session, "change", name) && status === "FAILED" ? (
        <AskButton label="Resume" run={() => follow("resume")} />
      ) : null}
      {mayDo(session, "repair", name) ? <AskButton label="Back up" run={() => follow("backup")} /> : null}
      {mayDo(session, "delete", name) ? (
        <>
          <a class="button" href={hrefOf("clusters", name, "restore")}>
            Restore
          </a>
          <a class="button quiet-danger" href={hrefOf("clusters", name, "delete")}>
            Delete
          </a>
        </>
      ) : null}
    </div>
  );
}

/** While an operation holds the cluster, the drawing shows what it does. */
function Busy({ cluster, id }: { readonly cluster: Cluster; readonly id: string }) {
  const operation = useResource<Operation>(`/operations/${encodeURIComponent(id)}`, OPERATION_MS);
  const { value } = operation.known.value;
  return (
    <>
      <a class="working" href={hrefOf("operations", id)}>
        <span aria-hidden="true">◐</span>
        <strong>{value ? KIND_WORDS[value.kind] : "An operation"} under way</strong>
        {cluster.reason === null || STATUS_MARKS[cluster.status].tone !== "busy" ? null : (
          <span class="why">
            <Said>{cluster.reason}</Said>
          </span>
        )}
        <span>
          <Said>{(value && waitingFor(value, now.value)) ?? "starting"}</Said>
        </span>
      </a>
      <ZoneDrawing cluster={cluster} operation={value ?? null} />
    </>
  );
}
