import { useSignal } from "@preact/signals";
import { Refused } from "../data/request.ts";
import { Notice } from "./basics.tsx";
import { RefusedNotice } from "./shown.tsx";

/** For what takes nothing away, so that nobody has to confirm it. */
export function AskButton({ label, run }: { readonly label: string; readonly run: () => Promise<void> }) {
  const busy = useSignal(false);
  const failure = useSignal<Refused | "unreachable" | null>(null);
  const ask = async () => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await run();
    } catch (error) {
      failure.value = error instanceof Refused ? error : "unreachable";
    }
    busy.value = false;
  };
  const failed = failure.value;
  return (
    <>
      <button type="button" onClick={ask} disabled={busy.value}>
        {busy.value ? "Asking…" : label}
      </button>
      {failed instanceof Refused ? <RefusedNotice problem={failed.problem} /> : null}
      {failed === "unreachable" ? <Notice tone="bad" title="Holdfast did not answer." /> : null}
    </>
  );
}
