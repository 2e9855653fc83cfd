import * as z from "zod";

/** How the stack says that the console signs in by an issuer of tokens; empty: it does not. */
export interface SignInSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
}

/** What the page needs for OpenID Connect with a code and PKCE; nothing of it is secret. */
export interface SignIn {
  readonly clientId: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Which of the issuer's tokens the API takes. */
  readonly token: "id_token" | "access_token";
}

const Https = z.url({ protocol: /^https$/ });
const Discovery = z.looseObject({ authorization_endpoint: Https, token_endpoint: Https });
const LIMIT_MS = 3_000;
/** What is known of an issuer holds so long; a failure is tried again much sooner. */
const KNOWN_MS = 3_600_000;
const FAILED_MS = 30_000;

/** Asks the issuer for its endpoints (OpenID Connect Discovery), and keeps the answer. */
export class SignInReader {
  readonly #settings: SignInSettings;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  #known: { readonly signIn: SignIn | null; readonly until: number } | undefined;

  constructor(settings: SignInSettings, ask: typeof fetch, now: () => number) {
    this.#settings = settings;
    this.#fetch = ask;
    this.#now = now;
  }

  /** Null if the stack has none, and while the issuer does not answer: `holdfast console` works all the same. */
  async read(): Promise<SignIn | null> {
    const { issuer, clientId } = this.#settings;
    if (issuer === "" || clientId === "") return null;
    if (this.#known && this.#known.until > this.#now()) return this.#known.signIn;
    const signIn = await this.#discover();
    this.#known = { signIn, until: this.#now() + (signIn ? KNOWN_MS : FAILED_MS) };
    return signIn;
  }

  async #discover(): Promise<SignIn | null> {
    const { issuer, audience, clientId } = this.#settings;
    try {
      const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
      const answer = await this.#fetch(address, { redirect: "error", signal: AbortSignal.timeout(LIMIT_MS) });
      const found = Discovery.safeParse(await answer.json());
      if (!found.success) return null;
      const { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint } = found.data;
      // An ID token is for the client itself, an access token for the API.
      const token = audience === clientId ? "id_token" : "access_token";
      return { clientId, authorizationEndpoint, tokenEndpoint, token };
    } catch {
      // Silence or something that is no JSON: the page offers the other way.
      return null;
    }
  }
}
