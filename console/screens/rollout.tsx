import type { Rollout } from "../data/api.ts";
import { write } from "../data/request.ts";
import { type Resource, useResource } from "../data/resource.ts";
import { type Session, shortName } from "../models/access.ts";
import {
  canRollBack,
  changeLines,
  mayChangeAll,
  offersOf,
  progressOf,
  ROLLOUT_MARKS,
  titleOf,
} from "../models/rollout.ts";
import { AskButton } from "../parts/ask-button.tsx";
import { Badge, Facts, Notice, Said } from "../parts/basics.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Seen, Shown } from "../parts/shown.tsx";
import { Stages } from "../parts/stages.tsx";
import { go, hrefOf } from "../router.ts";

const EVERY_MS = 5_000;

export function RolloutScreen({ id, session }: { readonly id: string; readonly session: Session }) {
  const rollout = useResource<Rollout>(`/rollouts/${encodeURIComponent(id)}`, EVERY_MS);
  return (
    <Shown of={rollout} what={`roll-out ${id}`}>
      {(value) => (
        <>
          <nav class="path" aria-label="Where this is">
            <a href={hrefOf("fleets")}>Fleets</a>
            <a href={hrefOf("fleets", value.fleet)}>{value.fleet}</a>
          </nav>
          <Head rollout={value} session={session} resource={rollout} />
          <Reason rollout={value} />
          <Facts rows={factsOf(value)} />
          <Stages rollout={value} />
          <Rollback rollout={value} session={session} />
        </>
      )}
    </Shown>
  );
}

function factsOf(rollout: Rollout): readonly (readonly [string, string])[] {
  const { by, finishedAt, clusters } = rollout;
  const ended = finishedAt === null ? [] : [["Ended", timeText(finishedAt)] as const];
  return [
    ["Change", changeLines(rollout.change).join("; ")],
    ["Clusters", progressOf(clusters)],
    ["Asked for by", shortName(by.principal)],
    ...ended,
  ];
}

function timeText(time: string): string {
  return `${time.slice(0, 16).replace("T", " ")} UTC`;
}

interface HeadProps {
  readonly rollout: Rollout;
  readonly session: Session;
  readonly resource: Resource<Rollout>;
}

function Head({ rollout, session, resource }: HeadProps) {
  const { id, state, startedAt } = rollout;
  return (
    <div class="head">
      <div>
        <h1>
          {titleOf(rollout)} <Badge mark={ROLLOUT_MARKS[state]} />
        </h1>
        <p class="sub">
          {id} · since {timeText(startedAt)} · <Seen at={resource.known.value.seenAt} />
        </p>
      </div>
      <div class="actions">
        {offersOf(rollout, session).map(({ label, body, isMain }) => (
          <AskButton
            key={label}
            label={label}
            isMain={isMain ?? false}
            run={async () => {
              await write("PATCH", `/rollouts/${encodeURIComponent(id)}`, body);
              resource.refresh();
            }}
          />
        ))}
      </div>
    </div>
  );
}

/** Why nothing begins. */
function Reason({ rollout: { state, reason } }: { readonly rollout: Rollout }) {
  if (reason === null) return null;
  const tone = state === "stopped" ? "bad" : state === "done" ? "warn" : "quiet";
  return (
    <Notice tone={tone} title={ROLLOUT_MARKS[state].word}>
      <p>
        <Said>{reason}</Said>
      </p>
    </Notice>
  );
}

function Rollback({ rollout, session }: { readonly rollout: Rollout; readonly session: Session }) {
  if (!canRollBack(rollout) || !mayChangeAll(session)) return null;
  const run = async () => {
    const next = await write<Rollout>("PATCH", `/rollouts/${encodeURIComponent(rollout.id)}`, { action: "rollback" });
    go(hrefOf("rollouts", next.id));
  };
  return (
    <details class="later">
      <summary>Roll back</summary>
      <p class="hint">The former values again, for the clusters that were changed, in the same stages.</p>
      <Confirm name={rollout.fleet} action="Roll back" danger={true} run={run} />
    </details>
  );
}
