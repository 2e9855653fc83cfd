import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refused, write } from "../data/request.ts";

export type PlanState<Value> =
  | { readonly kind: "asking" }
  /** Nothing was typed yet. */
  | { readonly kind: "empty" }
  /** `isCurrent`: of what is in the form now, and not of what was there before the last key. */
  | { readonly kind: "planned"; readonly planned: Value; readonly isCurrent: boolean }
  | { readonly kind: "refused"; readonly refused: Refused }
  | { readonly kind: "unreachable" };

/** A request that changes nothing and is answered with what would be. */
export interface DryRun {
  readonly method: "POST" | "PATCH";
  readonly path: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const TYPING_MS = 400;

/** The plan of what is in the form, asked for again when that changes; null while there is nothing to ask. */
export function usePlan<Value>(asked: DryRun | null): PlanState<Value> {
  const key = JSON.stringify(asked);
  const answer = useSignal<{ readonly of: string; readonly state: PlanState<Value> }>({
    of: key,
    state: { kind: "asking" },
  });
  useEffect(() => {
    let isOld = false;
    const ask = async () => {
      const state: PlanState<Value> = asked === null ? { kind: "empty" } : await planOf<Value>(asked);
      if (!isOld) answer.value = { of: key, state };
    };
    const timer = setTimeout(ask, asked === null ? 0 : TYPING_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [key, answer]);
  const { of, state } = answer.value;
  return state.kind === "planned" ? { ...state, isCurrent: of === key } : state;
}

async function planOf<Value>({ method, path, body, headers }: DryRun): Promise<PlanState<Value>> {
  try {
    const planned = await write<Value>(method, path, body, headers);
    return { kind: "planned", planned, isCurrent: true };
  } catch (error) {
    return error instanceof Refused ? { kind: "refused", refused: error } : { kind: "unreachable" };
  }
}
