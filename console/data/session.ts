import { signal } from "@preact/signals";
import type { Session } from "../models/access.ts";
import { finishSignIn } from "./oidc.ts";
import { Refused, read, write } from "./request.ts";

export type SessionState =
  | { readonly kind: "opening" }
  | { readonly kind: "signed-in"; readonly session: Session }
  | { readonly kind: "signed-out"; readonly why: string | null };

export const session = signal<SessionState>({ kind: "opening" });

/** Since when nobody answers, epoch milliseconds; null while somebody does. */
export const unreachableSince = signal<number | null>(null);

export function isReachable(answered: boolean): void {
  if (answered) unreachableSince.value = null;
  else unreachableSince.value ??= Date.now();
}

export function signedOut(why: string | null = "Your session has ended."): void {
  session.value = { kind: "signed-out", why };
}

const RETRY_MS = 3_000;

/** Trades the code of `holdfast console`, which is good once and for a minute, and asks who this is. */
export async function openSession(): Promise<void> {
  let code = takeCode();
  try {
    code ??= await finishSignIn();
    if (code !== null) await write("POST", "/self", { code });
    const answer = await read<Session>("/self");
    if (answer) session.value = { kind: "signed-in", session: answer.value };
    isReachable(true);
  } catch (error) {
    if (error instanceof Refused) {
      isReachable(true);
      signedOut(code === null && error.problem.title !== "Not signed in" ? null : error.problem.detail);
      return;
    }
    isReachable(false);
    setTimeout(openSession, RETRY_MS);
  }
}

/** Another code in the address of a page that is open already. */
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#code=")) void openSession();
});

export async function closeSession(): Promise<void> {
  await write("DELETE", "/self").catch(() => undefined);
  signedOut("You have signed out.");
}

/** Out of the address at once, so that it is in no history and in no bookmark. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}
