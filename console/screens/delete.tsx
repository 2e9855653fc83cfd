import { useSignal } from "@preact/signals";
import type { Deletion, Operation } from "../data/api.ts";
import { write } from "../data/request.ts";
import { useResource } from "../data/resource.ts";
import type { Session } from "../models/access.ts";
import { counted } from "../models/words.ts";
import { ActionScreen } from "../parts/action-screen.tsx";
import { Notice, Said } from "../parts/basics.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { Shown } from "../parts/shown.tsx";
import { go, hrefOf } from "../router.ts";

const ONCE_MS = 3_600_000;

export function DeleteScreen({ name, session }: { readonly name: string; readonly session: Session }) {
  return (
    <ActionScreen name={name} action="delete" session={session}>
      <Preview name={name} />
    </ActionScreen>
  );
}

function Preview({ name }: { readonly name: string }) {
  const path = `/clusters/${encodeURIComponent(name)}`;
  const resources = useResource<Deletion>(`${path}/resources`, ONCE_MS);
  const snapshot = useSignal(true);
  const remove = async () => {
    const operation = await write<Operation>("DELETE", `${path}?finalSnapshot=${snapshot.value}`);
    go(hrefOf("operations", operation.id));
  };
  return (
    <Shown of={resources} what="what would go">
      {(deletion) => (
        <>
          <Removed deletion={deletion} />
          <Confirm name={name} action="Delete the cluster" danger={true} run={remove}>
            <label class="check">
              <input
                type="checkbox"
                checked={snapshot.value}
                onChange={(event) => {
                  snapshot.value = event.currentTarget.checked;
                }}
              />
              Keep a snapshot of a master's data
            </label>
          </Confirm>
        </>
      )}
    </Shown>
  );
}

function Removed({ deletion: { removed, kept, blockers } }: { readonly deletion: Deletion }) {
  const kinds = [...Map.groupBy(removed, ({ kind }) => kind)];
  return (
    <>
      {blockers.length === 0 ? null : (
        <Notice tone="bad" title="In the way, and not the cluster's">
          <ul>
            {blockers.map((each) => (
              <li key={each}>
                <Said>{each}</Said>
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <h2>Removed: {counted(removed.length, "resource")}</h2>
      <ul class="kinds">
        {kinds.map(([kind, all]) => (
          <li key={kind}>
            <details>
              <summary>{counted(all.length, kind.replaceAll("-", " "))}</summary>
              <ul>
                {all.map(({ id, name }) => (
                  <li key={id}>
                    <code>{id}</code> {name === id ? "" : <Said>{name}</Said>}
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
      <h2>Kept</h2>
      {kept.length === 0 ? <p>Nothing.</p> : null}
      <ul class="warnings">
        {kept.map(({ what, why }) => (
          <li key={what}>
            <Said>{`${what}: ${why}`}</Said>
          </li>
        ))}
      </ul>
    </>
  );
}
