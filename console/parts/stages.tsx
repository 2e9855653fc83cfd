import { useSignal } from "@preact/signals";
import type { Endpoint, Rollout } from "../data/api.ts";
import { readAll } from "../data/request.ts";
import { usePolled } from "../data/resource.ts";
import { ENDPOINT_MARKS, unreachableOf } from "../models/endpoints.ts";
import { CHANGE_MARKS, type Column, cardLines, columnsOf, type RolloutCluster } from "../models/rollout.ts";
import { hrefOf } from "../router.ts";
import { Badge, Said } from "./basics.tsx";
import { ClusterLink, LOCAL } from "./cluster-link.tsx";

const ENDPOINTS_MS = 15_000;

/** Stages as columns in their order, clusters as cards. */
export function Stages({ rollout }: { readonly rollout: Rollout }) {
  const unreachable = useUnreachable(rollout);
  return (
    <ol class="stages" aria-label="Stages">
      {columnsOf(rollout).map((column, index) => (
        <Stage key={column.name} rollout={rollout} unreachable={unreachable} column={column} number={index + 1} />
      ))}
    </ol>
  );
}

/** Endpoints of its clusters that do not answer; where all are of this Holdfast nobody is asked. */
function useUnreachable({ clusters }: Rollout): ReadonlySet<string> {
  const asks = clusters.some(({ endpoint }) => endpoint !== LOCAL);
  const endpoints = usePolled<Endpoint[]>(
    asks ? "endpoints" : "none",
    async () => ({ value: asks ? await readAll<Endpoint>("/endpoints") : [], etag: null }),
    ENDPOINTS_MS,
  );
  return unreachableOf(endpoints.known.value.value ?? []);
}

interface StageProps {
  readonly rollout: Rollout;
  readonly unreachable: ReadonlySet<string>;
  readonly column: Column;
  readonly number: number;
}

/** So many cards a stage, with what needs a person first; the others are one click away. */
const CARDS = 40;

function Stage({ rollout, unreachable, column, number }: StageProps) {
  const showsAll = useSignal(false);
  const { clusters, waits } = column;
  const shown = showsAll.value ? clusters : clusters.slice(0, CARDS);
  return (
    <li class={waits ? "stage waits-here" : "stage"}>
      <StageHead column={column} number={number} />
      {clusters.length === 0 ? <p class="hint">No cluster is in this stage.</p> : null}
      <ul class="cards">
        {shown.map((each) => (
          <Card
            key={`${each.endpoint}/${each.name}`}
            rollout={rollout}
            cluster={each}
            isUnreachable={unreachable.has(each.endpoint)}
          />
        ))}
      </ul>
      {shown.length === clusters.length ? null : (
        <button type="button" class="more" onClick={() => (showsAll.value = true)}>
          {clusters.length - shown.length} more
        </button>
      )}
    </li>
  );
}

function StageHead({ column, number }: Pick<StageProps, "column" | "number">) {
  const { name, rules, progress, approval } = column;
  return (
    <div class="stage-head">
      <h2>
        <span class="number">{number}</span> {name}
      </h2>
      <p>{progress}</p>
      <p class="hint">{rules}</p>
      {approval === null ? null : (
        <p class="hint">
          <Said>{approval}</Said>
        </p>
      )}
    </div>
  );
}

interface CardProps {
  readonly rollout: Rollout;
  readonly cluster: RolloutCluster;
  readonly isUnreachable: boolean;
}

function Card({ rollout, cluster, isUnreachable }: CardProps) {
  const { endpoint, name, state, attempt, operation, reason, soakUntil } = cluster;
  return (
    <li class="card">
      <p class="card-head">
        <ClusterLink endpoint={endpoint} name={name} /> <Badge mark={CHANGE_MARKS[state]} />
      </p>
      {isUnreachable ? (
        <p>
          <Badge mark={ENDPOINT_MARKS.unreachable} />
        </p>
      ) : null}
      {cardLines(rollout, cluster).map((line) => (
        <p key={line} class="hint">
          <Said>{line}</Said>
        </p>
      ))}
      {state === "soaking" && soakUntil !== null ? (
        <p class="hint">must stay healthy until {soakUntil.slice(11, 16)} UTC</p>
      ) : null}
      {reason === null ? null : (
        <p class={state === "failed" ? "why bad" : "why"}>
          <Said>{reason}</Said>
        </p>
      )}
      {operation === null ? null : (
        <p class="hint">
          {endpoint === LOCAL ? <a href={hrefOf("operations", operation)}>Operation</a> : <Said>{operation}</Said>}
          {attempt > 1 ? `, attempt ${attempt}` : ""}
        </p>
      )}
    </li>
  );
}
