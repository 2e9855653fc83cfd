import { useSignal } from "@preact/signals";
import type { Fleet } from "../data/api.ts";
import { write } from "../data/request.ts";
import { useResource } from "../data/resource.ts";
import { mayDo, type Session } from "../models/access.ts";
import { BLANK_FLEET, bodyOf, formOf } from "../models/fleet-form.ts";
import { mayChangeAll } from "../models/rollout.ts";
import { Facts, Notice } from "../parts/basics.tsx";
import { Confirm } from "../parts/confirm.tsx";
import { FleetFields } from "../parts/fleet-fields.tsx";
import { FleetClusters } from "../parts/fleet-tables.tsx";
import { PlanBox } from "../parts/plan-box.tsx";
import { usePlan } from "../parts/plan-state.ts";
import { Shown } from "../parts/shown.tsx";
import { type StrategyDocument, StrategyEditor } from "../parts/strategy-editor.tsx";
import { TextField } from "../parts/text-field.tsx";
import { go, hrefOf } from "../router.ts";
import { fleetFacts } from "./fleets.tsx";

/** It is read once: a plan is of what was read. */
const ONCE_MS = 3_600_000;

export function CreateFleetScreen({ session }: { readonly session: Session }) {
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("fleets")}>Fleets</a>
      </nav>
      <div class="head">
        <h1>Create a fleet</h1>
      </div>
      {mayChangeAll(session) ? <Editor former={null} /> : <NotAllowed what="create one" />}
    </>
  );
}

interface OfFleetProps {
  readonly name: string;
  readonly session: Session;
}

export function ChangeFleetScreen({ name, session }: OfFleetProps) {
  const fleet = useResource<Fleet>(`/fleets/${encodeURIComponent(name)}`, ONCE_MS);
  return (
    <>
      <Head name={name} title={`Change ${name}`} />
      {mayChangeAll(session) ? (
        <Shown of={fleet} what={`fleet ${name}`}>
          {(value) => <Editor former={value} />}
        </Shown>
      ) : (
        <NotAllowed what="change it" />
      )}
    </>
  );
}

export function DeleteFleetScreen({ name, session }: OfFleetProps) {
  const path = `/fleets/${encodeURIComponent(name)}`;
  const fleet = useResource<Fleet>(path, ONCE_MS);
  const remove = async () => {
    await write("DELETE", path);
    go(hrefOf("fleets"));
  };
  return (
    <>
      <Head name={name} title={`Delete ${name}`} />
      {mayDo(session, "delete", "*") ? (
        <Shown of={fleet} what={`fleet ${name}`}>
          {(value) => (
            <>
              <p>The fleet, its policy and its strategy go. Its clusters stay as they are.</p>
              <Confirm name={name} action="Delete the fleet" danger={true} run={remove} />
              <h2>Clusters that stay</h2>
              <FleetClusters fleet={value} />
            </>
          )}
        </Shown>
      ) : (
        <NotAllowed what="delete it" />
      )}
    </>
  );
}

function Head({ name, title }: { readonly name: string; readonly title: string }) {
  return (
    <>
      <nav class="path" aria-label="Where this is">
        <a href={hrefOf("fleets")}>Fleets</a>
        <a href={hrefOf("fleets", name)}>{name}</a>
      </nav>
      <div class="head">
        <h1>{title}</h1>
      </div>
    </>
  );
}

function NotAllowed({ what }: { readonly what: string }) {
  return <Notice tone="quiet" title={`You may look at fleets, not ${what}`} />;
}

/** The form beside what the fleet would be; whoever types its name has it done. */
function Editor({ former }: { readonly former: Fleet | null }) {
  const name = useSignal(former?.name ?? "");
  const form = useSignal(former === null ? BLANK_FLEET : formOf(former));
  const strategy = useSignal<StrategyDocument>(former?.strategy ?? undefined);
  const body = {
    ...(former === null ? { name: name.value } : {}),
    ...bodyOf(form.value),
    strategy: strategy.value ?? null,
  };
  const method = former === null ? "POST" : "PATCH";
  const path = former === null ? "/fleets" : `/fleets/${encodeURIComponent(former.name)}`;
  const isEmpty = name.value === "" || (form.value.selector === "" && form.value.names === "");
  const plan = usePlan<Fleet>(isEmpty ? null : { method, path, body: { ...body, dryRun: true } });
  const save = async () => {
    await write<Fleet>(method, path, body);
    go(hrefOf("fleets", name.value));
  };
  return (
    <div class="beside">
      <section aria-label="Fleet">
        {former === null ? (
          <TextField
            id="fleet-name"
            label="Name"
            value={name.value}
            help="Lower-case letters, digits and hyphens."
            onChange={(text) => {
              name.value = text.trim();
            }}
          />
        ) : null}
        <FleetFields
          form={form.value}
          onChange={(next) => {
            form.value = next;
          }}
        />
        <StrategyEditor
          absent="One by one"
          former={former?.strategy ?? undefined}
          onChange={(next) => {
            strategy.value = next;
          }}
        />
      </section>
      <div>
        <PlanBox state={plan} hint="The clusters that it would have appear here as you type.">
          {(fleet) => (
            <>
              <Facts rows={fleetFacts(fleet)} />
              <h2>Clusters</h2>
              <FleetClusters fleet={fleet} brief={true} />
            </>
          )}
        </PlanBox>
        {plan.kind === "planned" ? (
          <Confirm
            name={name.value}
            action={former === null ? "Create the fleet" : "Change the fleet"}
            disabled={!plan.isCurrent}
            run={save}
          />
        ) : null}
      </div>
    </div>
  );
}
