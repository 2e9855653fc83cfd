import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Refused } from "../data/request.ts";
import { Notice } from "./basics.tsx";
import { RefusedNotice } from "./shown.tsx";

export interface ConfirmProps {
  /** Typed by whoever means it. */
  readonly name: string;
  readonly action: string;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly run: () => Promise<void>;
  readonly children?: ComponentChildren;
}

/** What changes something is done by whoever types the cluster's name. */
export function Confirm({ name, action, danger = false, disabled = false, run, children }: ConfirmProps) {
  const typed = useSignal("");
  const busy = useSignal(false);
  const failure = useSignal<Refused | string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value || typed.value !== name || disabled) return;
    busy.value = true;
    failure.value = null;
    try {
      await run();
    } catch (error) {
      failure.value = error instanceof Refused ? error : "Holdfast did not answer. Look at the operations, then again.";
    }
    busy.value = false;
  };
  const failed = failure.value;
  return (
    <form class="confirm" onSubmit={submit}>
      {children}
      <label for="confirm-name">
        Type <code>{name}</code> to confirm
      </label>
      <div class="row">
        <input
          id="confirm-name"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <button
          type="submit"
          class={danger ? "danger" : "primary"}
          disabled={disabled || busy.value || typed.value !== name}
        >
          {busy.value ? "Asking…" : action}
        </button>
      </div>
      {failed instanceof Refused ? <RefusedNotice problem={failed.problem} /> : null}
      {typeof failed === "string" ? <Notice tone="bad" title={failed} /> : null}
    </form>
  );
}
