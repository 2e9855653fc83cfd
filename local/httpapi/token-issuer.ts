import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as z from "zod";
import { type HttpRequest, type HttpResponse, jsonResponse } from "./model.ts";

/** What the local issuer is asked to put into a token; as with the operator's key, whoever reaches this machine may ask. */
const TokenRequest = z.strictObject({
  subject: z.string().min(1).max(200).default("local"),
  /** Further claims, `holdfast_role` among them. */
  claims: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
  /** Seconds; below zero for a token that has expired. */
  lifetime: z.int().min(-3600).max(86_400).default(3600),
  audience: z.string().default("holdfast"),
});

const KEY_ID = "local-1";

export interface TokenIssuer {
  /** Pages of an OpenID issuer at this address: its configuration and its keys. */
  readonly pages: Readonly<Record<string, (request: HttpRequest) => Promise<HttpResponse>>>;
  /** A token for what a request asks for; throws zod's error for one that asks for something else. */
  issue(request: unknown): Promise<string>;
}

/** Issues tokens as a company's identity provider would, for the local cloud's own API. The key lives as long as this. */
export function createTokenIssuer(path: string, issuer: () => string, now: () => number): TokenIssuer {
  let made: ReturnType<typeof generateKeyPair> | undefined;
  // Made when it is first needed: a key of RSA takes a part of a second.
  const keys = () => {
    made ??= generateKeyPair("RS256");
    return made;
  };
  return {
    pages: {
      [`GET ${path}/.well-known/openid-configuration`]: async () =>
        jsonResponse(200, { issuer: issuer(), jwks_uri: `${issuer()}/keys` }),
      [`GET ${path}/keys`]: async () => {
        const key = await exportJWK((await keys()).publicKey);
        return jsonResponse(200, { keys: [{ ...key, kid: KEY_ID, alg: "RS256", use: "sig" }] });
      },
    },
    async issue(request) {
      const { subject, claims, lifetime, audience } = TokenRequest.parse(request);
      const seconds = Math.floor(now() / 1000);
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: KEY_ID })
        .setIssuer(issuer())
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + lifetime)
        .sign((await keys()).privateKey);
    },
  };
}
