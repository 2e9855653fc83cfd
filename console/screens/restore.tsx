import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Backup, Operation, Page, RestorePlan } from "../data/api.ts";
import { now } from "../data/clock.ts";
import { Refused, write } from "../data/request.ts";
import { useResource } from "../data/resource.ts";
import type { Session } from "../models/access.ts";
import { backupRow, lossSentence } from "../models/backups.ts";
import { ActionScreen } from "../parts/action-screen.tsx";
import { Badge, Facts, Loading, Notice, Said } from "../parts/basics.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { RefusedNotice, Shown } from "../parts/shown.tsx";
import { go, hrefOf } from "../router.ts";

const EVERY_MS = 15_000;

/** What a restore takes, as its route reads it. */
interface Wish {
  readonly from: "backup" | "survivor";
  readonly backup?: string;
  readonly evenThoughHealthy?: boolean;
}

export function RestoreScreen({ name, session }: { readonly name: string; readonly session: Session }) {
  return (
    <ActionScreen
      name={name}
      action="restore"
      effect="Brings the data of all masters back to one moment. What was written since is lost."
      session={session}
    >
      <Wizard name={name} />
    </ActionScreen>
  );
}

function Wizard({ name }: { readonly name: string }) {
  const wish = useSignal<Wish | null>(null);
  return (
    <ol class="wizard">
      <li>
        <h2>1. Choose the data</h2>
        <Sources name={name} wish={wish} />
      </li>
      <li>
        <h2>2. Look at what is lost</h2>
        {wish.value === null ? <p class="hint">Choose the data first.</p> : <Loss name={name} wish={wish} />}
      </li>
    </ol>
  );
}

function Sources({ name, wish }: { readonly name: string; readonly wish: Signal<Wish | null> }) {
  const backups = useResource<Page<Backup>>(`/clusters/${encodeURIComponent(name)}/backups?limit=50`, EVERY_MS);
  const choose = (chosen: Wish) => () => {
    wish.value = chosen;
  };
  return (
    <fieldset class="sources">
      <legend class="hidden">Data to restore</legend>
      <label class="source">
        <input type="radio" name="source" onChange={choose({ from: "survivor" })} />
        <span>
          <strong>The data of a master that is left</strong>
          <span class="hint">For a lost majority: as a rule nothing is lost.</span>
        </span>
      </label>
      <Shown of={backups} what="backups">
        {({ items }) => (
          <>
            {items
              .filter(({ history }) => history !== "former")
              .map((backup) => {
                const row = backupRow(backup, now.value);
                return (
                  <label key={row.id} class="source">
                    <input type="radio" name="source" onChange={choose({ from: "backup", backup: row.id })} />
                    <span>
                      <strong>{row.age === "now" ? "Just now" : `${row.age} ago`}</strong> <code>{row.id}</code>
                      <span class="hint">
                        revision {row.revision}, {row.size}
                        {row.history === null ? "" : `, ${row.history}`}
                      </span>
                      <Badge mark={row.verified} /> <Badge mark={row.drill} />
                    </span>
                  </label>
                );
              })}
            {items.length === 0 ? <p class="hint">There are no backups.</p> : null}
          </>
        )}
      </Shown>
    </fieldset>
  );
}

type LossState = RestorePlan | Refused | "unreachable" | null;

function Loss({ name, wish }: { readonly name: string; readonly wish: Signal<Wish | null> }) {
  const state = useSignal<LossState>(null);
  const path = `/clusters/${encodeURIComponent(name)}/restore`;
  const asked = wish.value;
  useEffect(() => {
    state.value = null;
    void write<RestorePlan>("POST", `${path}/plan`, asked).then(
      (plan) => {
        state.value = plan;
      },
      (error: unknown) => {
        state.value = error instanceof Refused ? error : "unreachable";
      },
    );
  }, [asked, path, state]);
  const known = state.value;
  if (known === null) return <Loading what="what would be lost" />;
  if (known === "unreachable") return <Notice tone="bad" title="Holdfast did not answer." />;
  if (known instanceof Refused) return <RefusedLoss refused={known} wish={wish} />;
  const restore = async () => {
    const operation = await write<Operation>("POST", path, asked);
    go(hrefOf("operations", operation.id));
  };
  return (
    <>
      <LossText plan={known} />
      <h2>3. Confirm</h2>
      <Confirm name={name} action="Restore" danger={true} run={restore} />
    </>
  );
}

/** While a majority is healthy a restore goes back in time: only for whoever says that this is meant. */
function RefusedLoss({ refused, wish }: { readonly refused: Refused; readonly wish: Signal<Wish | null> }) {
  const isHealthy = refused.problem.type.endsWith("restore-refused");
  const former = wish.value;
  return (
    <>
      <RefusedNotice problem={refused.problem} />
      {isHealthy && former && !former.evenThoughHealthy ? (
        <button
          type="button"
          onClick={() => {
            wish.value = { ...former, evenThoughHealthy: true };
          }}
        >
          Go back in time, even though it is healthy
        </button>
      ) : null}
    </>
  );
}

function LossText({ plan }: { readonly plan: RestorePlan }) {
  const { leftBehind, warnings, revision, lastRevision } = plan;
  return (
    <>
      <p class="loss">
        <Said>{lossSentence(plan)}</Said>
      </p>
      <Facts
        rows={[
          ["Revision then", revision?.toLocaleString("en") ?? "as it is on the master"],
          ["Revision now", lastRevision?.toLocaleString("en") ?? "unknown"],
        ]}
      />
      <ul class="warnings">
        {warnings.map((warning) => (
          <li key={warning}>
            <Said>{warning}</Said>
          </li>
        ))}
        {leftBehind.map(({ kind, id, name }) => (
          <li key={id}>
            Left behind: {kind.replaceAll("-", " ")} <code>{id}</code> <Said>{name}</Said>
          </li>
        ))}
      </ul>
    </>
  );
}
