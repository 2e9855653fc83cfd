import { createRemoteJWKSet, type JWTVerifyGetKey, errors as joseErrors, jwtVerify } from "jose";
import * as z from "zod";
import type { HttpRequest, JwtConfiguration } from "./model.ts";

/** Claims as a function receives them: text; a list is written `[one two]`. */
export type Claims = Readonly<Record<string, string>>;

/** API Gateway takes RSA only (`http-api-jwt-authorizer.html`). */
const ALGORITHMS = ["RS256", "RS384", "RS512"];
const Discovery = z.object({ jwks_uri: z.url() });

/** How issuers' keys are found; each issuer is asked once, and again for a key that is new. */
export type KeysOf = (issuer: string) => Promise<JWTVerifyGetKey>;

export function remoteKeys(): KeysOf {
  const known = new Map<string, Promise<JWTVerifyGetKey>>();
  return (issuer) => {
    const found = known.get(issuer) ?? discover(issuer);
    known.set(issuer, found);
    // An issuer that did not answer is asked again.
    found.catch(() => known.delete(issuer));
    return found;
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const { jwks_uri } = Discovery.parse(await answer.json());
  return createRemoteJWKSet(new URL(jwks_uri));
}

/**
 * The claims of a request's token, checked as API Gateway checks them: signature by the key that `kid` names, issuer,
 * audience (`aud`, or `client_id` where that is missing), `exp`, `nbf`, `iat`. Undefined if the token is missing or wrong.
 */
export async function verifyToken(
  { headers }: HttpRequest,
  { issuer, audience }: JwtConfiguration,
  keysOf: KeysOf,
  nowMs: number,
): Promise<Claims | undefined> {
  const token = /^(?:Bearer )?([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(headers["authorization"] ?? "")?.[1];
  if (token === undefined) return undefined;
  const currentDate = new Date(nowMs);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, await keysOf(issuer), {
      issuer,
      algorithms: ALGORITHMS,
      currentDate,
      requiredClaims: ["exp"],
    });
    const given = payload.aud ?? payload["client_id"];
    const isForUs = [given].flat().some((one) => typeof one === "string" && audience.includes(one));
    const isFromFuture = payload.iat !== undefined && payload.iat * 1000 > nowMs;
    return isForUs && !isFromFuture && protectedHeader.kid !== undefined ? textOf(payload) : undefined;
  } catch (error) {
    if (error instanceof joseErrors.JOSEError) return undefined;
    throw error;
  }
}

function textOf(payload: Readonly<Record<string, unknown>>): Claims {
  return Object.fromEntries(
    Object.entries(payload).map(([claim, value]) => [
      claim,
      Array.isArray(value) ? `[${value.join(" ")}]` : typeof value === "object" ? JSON.stringify(value) : String(value),
    ]),
  );
}
