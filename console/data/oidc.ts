import { Refused, Unreachable } from "./request.ts";

/** How this stack's issuer of tokens is asked; nothing of it is secret. */
export interface SignIn {
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly token: "id_token" | "access_token";
}

/** What the issuer sends the browser back to; API Gateway has no route for `/console/` itself. */
const RETURN_PATH = "/console/clusters";
const KEPT = "holdfast-sign-in";

/** Null if this stack has no such way. */
export async function readSignIn(): Promise<SignIn | null> {
  try {
    const answer = await fetch("/console/sign-in.json", { cache: "no-store" });
    // Its shape is the contract of the console's own function.
    const { signIn } = (await answer.json()) as { readonly signIn: SignIn | null };
    return signIn;
  } catch {
    // The page says the other way.
    return null;
  }
}

/** Leaves for the issuer. What proves that it is this page that comes back stays in this tab. */
export async function startSignIn({ clientId, authorizationEndpoint }: SignIn): Promise<void> {
  const [verifier, state] = [newSecret(), newSecret()];
  sessionStorage.setItem(KEPT, JSON.stringify({ verifier, state }));
  const address = new URL(authorizationEndpoint);
  for (const [name, value] of Object.entries({
    response_type: "code",
    client_id: clientId,
    redirect_uri: location.origin + RETURN_PATH,
    scope: "openid profile",
    state,
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
  }))
    address.searchParams.set(name, value);
  location.assign(address);
}

/**
 * Back from the issuer: trades its code for a token, and the token for a code of this API, as `holdfast console` gets
 * one. The token is kept nowhere. Null if nobody comes back. Throws Refused, Unreachable.
 */
export async function finishSignIn(): Promise<string | null> {
  const back = new URLSearchParams(location.search);
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null || back.get("state") === null) return null;
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", location.pathname);
  // Written above, by this page.
  const { verifier, state } = JSON.parse(kept) as { readonly verifier: string; readonly state: string };
  if (back.get("state") !== state) throw refused("The answer is not of this page's request. Sign in again.");
  const code = back.get("code");
  if (code === null) throw refused(back.get("error_description") ?? back.get("error") ?? "The issuer gave no code.");
  const signIn = await readSignIn();
  if (signIn === null) throw new Unreachable("the issuer's endpoints are not known");
  return tradeToken(await tradeCode(signIn, code, verifier));
}

async function tradeCode({ clientId, tokenEndpoint, token }: SignIn, code: string, verifier: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: location.origin + RETURN_PATH,
    client_id: clientId,
    code_verifier: verifier,
  });
  const answer = await ask(tokenEndpoint, { method: "POST", body, credentials: "omit" });
  const value = answer.document[token];
  if (!answer.ok || typeof value !== "string")
    throw refused(textOf(answer.document["error_description"]) ?? `The issuer gave no ${token}.`);
  return value;
}

async function tradeToken(token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await ask("/token/console-sessions", { method: "POST", headers, body: "{}", credentials: "omit" });
  const code = textOf(answer.document["code"]);
  if (!answer.ok || code === null)
    throw refused(textOf(answer.document["detail"]) ?? "Holdfast does not take the issuer's token.");
  return code;
}

async function ask(address: string, init: RequestInit) {
  try {
    const answer = await fetch(address, { ...init, cache: "no-store", redirect: "error" });
    const document: unknown = await answer.json().catch(() => undefined);
    const isObject = typeof document === "object" && document !== null;
    return { ok: answer.ok, document: isObject ? Object.fromEntries(Object.entries(document)) : {} };
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : "no answer");
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function refused(detail: string): Refused {
  return new Refused({ type: "about:blank", title: "Not signed in", status: 401, detail });
}

function newSecret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** RFC 7636: what is sent ahead, of which only this page knows the origin. */
async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
