import type { Operation } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { useResource } from "../data/resource.ts";
import { KIND_WORDS, type Lane, lanesOf, OPERATION_MARKS, tookText, waitingFor } from "../models/timeline.ts";
import { Badge, Empty, Notice, Said } from "../parts/basics.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { hrefOf } from "../router.ts";

const EVERY_MS = 2_000;

export function OperationScreen({ id }: { readonly id: string }) {
  const operation = useResource<Operation>(`/operations/${encodeURIComponent(id)}`, EVERY_MS);
  return (
    <Shown of={operation} what={`operation ${id}`}>
      {(value) => (
        <>
          <nav class="path" aria-label="Where this is">
            <a href={hrefOf("clusters")}>Clusters</a>
            <a href={hrefOf("clusters", value.cluster)}>{value.cluster}</a>
            <a href={hrefOf("clusters", value.cluster, "operations")}>Operations</a>
          </nav>
          <div class="head">
            <div>
              <h1>
                {KIND_WORDS[value.kind]} of {value.cluster} <Badge mark={OPERATION_MARKS[value.status]} />
              </h1>
              <p class="sub">
                {value.id} · started {value.startedAt.slice(0, 19).replace("T", " ")} UTC ·{" "}
                {value.finishedAt === null ? "for" : "took"} {tookText(value, now.value)} ·{" "}
                <Seen at={operation.known.value.seenAt} />
              </p>
            </div>
          </div>
          <State operation={value} />
          <Timeline operation={value} />
        </>
      )}
    </Shown>
  );
}

function State({ operation }: { readonly operation: Operation }) {
  const { error } = operation;
  const waits = waitingFor(operation, now.value);
  return (
    <>
      {error === null ? null : (
        <Notice tone="bad" title={error.name}>
          <p>
            <Said>{error.message}</Said>
          </p>
          <p>
            <strong>What to do: </strong>
            <Said>{error.remedy}</Said>
          </p>
        </Notice>
      )}
      {waits === null ? null : (
        <p class="waits" role="status">
          <span aria-hidden="true">◐ </span>
          <Said>{waits}</Said>
        </p>
      )}
    </>
  );
}

function Timeline({ operation }: { readonly operation: Operation }) {
  const lanes = lanesOf(operation, now.value);
  if (lanes.length === 0) return <Empty title="No step has begun yet" />;
  return (
    <ol class="timeline" aria-label="Steps">
      {lanes.map((lane) => (
        <Row key={lane.key} lane={lane} />
      ))}
    </ol>
  );
}

function Row({ lane }: { readonly lane: Lane }) {
  const { name, member, from, width, took, status, message, isFirst } = lane;
  return (
    <li class={isFirst ? "lane first" : "lane"}>
      <span class={isFirst ? "step" : "step again"}>{name}</span>
      <span class="of">{member ?? ""}</span>
      <Badge mark={status} />
      <span class="track" aria-hidden="true">
        <span class={`span ${status.tone}`} style={{ left: `${from}%`, width: `${width}%` }} />
      </span>
      <span class="took">{took}</span>
      {message === null ? null : (
        <span class="message">
          <Said>{message}</Said>
        </span>
      )}
    </li>
  );
}
