import { useSignal } from "@preact/signals";
import type { PlannedRollout, Rollout } from "../data/api.ts";
import { write } from "../data/request.ts";
import type { Session } from "../models/access.ts";
import { mayChangeAll } from "../models/rollout.ts";
import { type Patch, patchOfWishes, type Wish } from "../models/rollout-wish.ts";
import { patchFields } from "../models/spec-fields.ts";
import { labelOf } from "../models/words.ts";
import { Notice, Said } from "../parts/basics.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { PlanBox } from "../parts/plan-box.tsx";
import { usePlan } from "../parts/plan-state.ts";
import { Stages } from "../parts/stages.tsx";
import { type StrategyDocument, StrategyEditor } from "../parts/strategy-editor.tsx";
import { go, hrefOf } from "../router.ts";

/** One change of the clusters of a fleet: what would be, then the fleet's name. */
export function RolloutStartScreen({ name, session }: { readonly name: string; readonly session: Session }) {
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("fleets")}>Fleets</a>
        <a href={hrefOf("fleets", name)}>{name}</a>
      </nav>
      <div class="head">
        <div>
          <h1>Roll out a change to {name}</h1>
          <p class="sub">From cluster to cluster, and no further after a failure.</p>
        </div>
      </div>
      {mayChangeAll(session) ? (
        <Start fleet={name} />
      ) : (
        <Notice tone="quiet" title="You may look at this fleet, not change its clusters" />
      )}
    </>
  );
}

function Start({ fleet }: { readonly fleet: string }) {
  const wishes = useSignal<readonly Wish[]>([{ field: "nodeCount", text: "" }]);
  const strategy = useSignal<StrategyDocument>(undefined);
  const change: Patch = patchOfWishes(wishes.value, patchFields);
  const path = `/fleets/${encodeURIComponent(fleet)}/rollouts`;
  const body = { change, ...(strategy.value === undefined ? {} : { strategy: strategy.value }) };
  const isEmpty = Object.keys(change).length === 0;
  const plan = usePlan<PlannedRollout>(isEmpty ? null : { method: "POST", path: `${path}/plan`, body });
  const start = async () => {
    const rollout = await write<Rollout>("POST", path, body);
    go(hrefOf("rollouts", rollout.id));
  };
  return (
    <>
      <div class="narrow">
        <h2>Change</h2>
        <Wishes
          wishes={wishes.value}
          onChange={(next) => {
            wishes.value = next;
          }}
        />
        <StrategyEditor
          absent="The fleet's own"
          former={undefined}
          onChange={(next) => {
            strategy.value = next;
          }}
        />
      </div>
      <PlanBox state={plan} hint="The stages with their clusters appear here as you type.">
        {({ rollout, left }) => (
          <>
            <Stages rollout={rollout} />
            {left.length === 0 ? null : (
              <Notice tone="warn" title="No stage has these clusters: they are left as they are">
                <p>
                  <Said>{left.join(", ")}</Said>
                </p>
              </Notice>
            )}
          </>
        )}
      </PlanBox>
      {plan.kind === "planned" ? (
        <Confirm name={fleet} action="Begin the roll-out" disabled={!plan.isCurrent || isEmpty} run={start} />
      ) : null}
    </>
  );
}

interface WishesProps {
  readonly wishes: readonly Wish[];
  readonly onChange: (wishes: readonly Wish[]) => void;
}

function Wishes({ wishes, onChange }: WishesProps) {
  const put = (at: number, next: Partial<Wish>) =>
    onChange(wishes.map((wish, index) => (index === at ? { ...wish, ...next } : wish)));
  return (
    <div class="wishes">
      {wishes.map(({ field, text }, at) => (
        <div key={at} class="wish">
          <div>
            <label for={`wish-${at}`}>Field</label>
            <select
              id={`wish-${at}`}
              value={field}
              onChange={(event) => put(at, { field: event.currentTarget.value, text: "" })}
            >
              {patchFields.map(({ name }) => (
                <option key={name} value={name}>
                  {labelOf(name)}
                </option>
              ))}
            </select>
          </div>
          <div>
            <label for={`value-${at}`}>New value</label>
            <input
              id={`value-${at}`}
              type="text"
              autocomplete="off"
              spellcheck={false}
              value={text}
              onChange={(event) => put(at, { text: event.currentTarget.value })}
            />
          </div>
          {wishes.length === 1 ? null : (
            <button type="button" onClick={() => onChange(wishes.filter((_, index) => index !== at))}>
              Remove
            </button>
          )}
        </div>
      ))}
      <div>
        <button type="button" onClick={() => onChange([...wishes, { field: "nodeSize", text: "" }])}>
          Another field
        </button>
      </div>
    </div>
  );
}
