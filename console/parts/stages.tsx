import { useSignal } from "@preact/signals";
import type { Rollout } from "../data/api.ts";
import { CHANGE_MARKS, type Column, cardLines, columnsOf, type RolloutCluster } from "../models/rollout.ts";
import { hrefOf } from "../router.ts";
import { Badge, Said } from "./basics.tsx";
import { ClusterLink } from "./cluster-link.tsx";

/** Stages as columns in their order, clusters as cards. */
export function Stages({ rollout }: { readonly rollout: Rollout }) {
  return (
    <ol class="stages" aria-label="Stages">
      {columnsOf(rollout).map((column, index) => (
        <Stage key={column.name} rollout={rollout} column={column} number={index + 1} />
      ))}
    </ol>
  );
}

interface StageProps {
  readonly rollout: Rollout;
  readonly column: Column;
  readonly number: number;
}

/** So many cards a stage, with what needs a person first; the others are one click away. */
const CARDS = 40;

function Stage({ rollout, column, number }: StageProps) {
  const showsAll = useSignal(false);
  const { clusters, waits } = column;
  const shown = showsAll.value ? clusters : clusters.slice(0, CARDS);
  return (
    <li class={waits ? "stage waits-here" : "stage"}>
      <StageHead column={column} number={number} />
      {clusters.length === 0 ? <p class="hint">No cluster is in this stage.</p> : null}
      <ul class="cards">
        {shown.map((each) => (
          <Card key={`${each.endpoint}/${each.name}`} rollout={rollout} cluster={each} />
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

function StageHead({ column, number }: Omit<StageProps, "rollout">) {
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

function Card({ rollout, cluster }: { readonly rollout: Rollout; readonly cluster: RolloutCluster }) {
  const { endpoint, name, state, attempt, operation, reason, soakUntil } = cluster;
  return (
    <li class="card">
      <p class="card-head">
        <ClusterLink endpoint={endpoint} name={name} /> <Badge mark={CHANGE_MARKS[state]} />
      </p>
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
          <a href={hrefOf("operations", operation)}>Operation</a>
          {attempt > 1 ? `, attempt ${attempt}` : ""}
        </p>
      )}
    </li>
  );
}
