import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { type KeysOf, verifyToken } from "./jwt.ts";
import { createTokenIssuer } from "./token-issuer.ts";

const ISSUER = "https://login.example.com";
const NOW = Date.UTC(2026, 10, 25, 12);
const SECONDS = NOW / 1000;
const configuration = { issuer: ISSUER, audience: ["holdfast", "other"] };

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let strange: typeof pair;
let keysOf: KeysOf;
beforeAll(async () => {
  pair = await generateKeyPair("RS256");
  strange = await generateKeyPair("RS256");
  const key = { ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "RS256" };
  keysOf = async () => createLocalJWKSet({ keys: [key] });
});

const valid = { iss: ISSUER, sub: "ada", aud: "holdfast", iat: SECONDS - 10, exp: SECONDS + 60 };

function sign(
  claims: Record<string, unknown>,
  header: { kid?: string; alg?: string } = { kid: "k1" },
  key = pair.privateKey,
) {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", ...header }).sign(key);
}

function claimsOf(authorization: string | undefined) {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const request = { method: "GET", rawPath: "/", rawQueryString: "", headers, body: Buffer.alloc(0), sourceIp: "::1" };
  return verifyToken(request, configuration, keysOf, NOW);
}

test("a valid token gives its claims as text, lists in brackets", async () => {
  const token = await sign({ ...valid, groups: ["dev", "ops"], admin: true });

  expect(await claimsOf(`Bearer ${token}`)).toEqual({
    iss: ISSUER,
    sub: "ada",
    aud: "holdfast",
    iat: String(SECONDS - 10),
    exp: String(SECONDS + 60),
    groups: "[dev ops]",
    admin: "true",
  });
  expect(await claimsOf(token)).toMatchObject({ sub: "ada" });
});

test("client_id stands for a missing audience, as in access tokens of Cognito", async () => {
  const { aud: _, ...rest } = valid;

  expect(await claimsOf(`Bearer ${await sign({ ...rest, client_id: "other" })}`)).toMatchObject({ client_id: "other" });
});

test.each([
  ["another issuer", { ...valid, iss: "https://evil.example.com" }],
  ["another audience", { ...valid, aud: "elsewhere" }],
  ["another audience, whatever its client_id", { ...valid, aud: "elsewhere", client_id: "holdfast" }],
  ["no audience", { ...valid, aud: undefined }],
  ["expired", { ...valid, exp: SECONDS - 1 }],
  ["without an end", { ...valid, exp: undefined }],
  ["not yet good", { ...valid, nbf: SECONDS + 30 }],
  ["of the future", { ...valid, iat: SECONDS + 30 }],
])("a token that is of %s is refused", async (_, claims) => {
  expect(await claimsOf(`Bearer ${await sign(claims)}`)).toBeUndefined();
});

test("a signature of somebody else, of a key that is not named, or of nobody, is refused", async () => {
  const [head = "", body = ""] = (await sign(valid)).split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", kid: "k1" })).toString("base64url");
  const secret = new TextEncoder().encode("a shared secret of thirty-two bytes");
  const hmac = await new SignJWT(valid).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);

  expect(await claimsOf(`Bearer ${await sign(valid, { kid: "k1" }, strange.privateKey)}`)).toBeUndefined();
  expect(await claimsOf(`Bearer ${await sign(valid, { kid: "k2" })}`)).toBeUndefined();
  expect(await claimsOf(`Bearer ${none}.${body}.`)).toBeUndefined();
  expect(await claimsOf(`Bearer ${head}.${body}.AAAA`)).toBeUndefined();
  expect(await claimsOf(`Bearer ${hmac}`)).toBeUndefined();
});

test.each([[undefined], [""], ["Bearer"], ["Basic aG9sZGZhc3Q6aG9sZGZhc3Q="], ["Bearer a.b"]])(
  "%j is no token",
  async (authorization) => {
    expect(await claimsOf(authorization)).toBeUndefined();
  },
);

test("the local issuer's tokens are valid by its own keys", async () => {
  const issuer = createTokenIssuer(
    "/_issuer",
    () => ISSUER,
    () => NOW,
  );
  const page = await issuer.pages["GET /_issuer/keys"]?.({
    method: "GET",
    rawPath: "/_issuer/keys",
    rawQueryString: "",
    headers: {},
    body: Buffer.alloc(0),
    sourceIp: "::1",
  });
  const keys = createLocalJWKSet(JSON.parse(page?.body.toString() ?? ""));
  const token = await issuer.issue({ subject: "ada", claims: { holdfast_role: "viewer" } });
  const request = {
    method: "GET",
    rawPath: "/",
    rawQueryString: "",
    headers: { authorization: `Bearer ${token}` },
    body: Buffer.alloc(0),
    sourceIp: "::1",
  };

  expect(await verifyToken(request, configuration, async () => keys, NOW)).toMatchObject({
    sub: "ada",
    holdfast_role: "viewer",
  });
});
