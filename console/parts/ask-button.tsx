import { useSignal } from "@preact/signals";
import { Refused } from "../data/request.ts";
import { Notice } from "./basics.tsx";
import { RefusedNotice } from "./shown.tsx";

interface AskButtonProps {
  readonly label: string;
  readonly isMain?: boolean;
  readonly run: () => Promise<void>;
}

/** For what takes nothing away, so that nobody has to confirm it. */
export function AskButton({ label, isMain = false, run }: AskButtonProps) {
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
      <button type="button" class={isMain ? "primary" : undefined} onClick={ask} disabled={busy.value}>
        {busy.value ? "Asking…" : label}
      </button>
      {failed instanceof Refused ? <RefusedNotice problem={failed.problem} /> : null}
      {failed === "unreachable" ? <Notice tone="bad" title="Holdfast did not answer." /> : null}
    </>
  );
}
