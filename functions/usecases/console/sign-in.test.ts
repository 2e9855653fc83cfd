import { expect, test } from "vitest";
import { contentPolicy } from "../../domain/console/content-policy.ts";
import { SignInReader, type SignInSettings } from "./sign-in.ts";

const SETTINGS: SignInSettings = { issuer: "https://login.example.com/", audience: "holdfast", clientId: "console" };
const ENDPOINTS = {
  authorization_endpoint: "https://login.example.com/authorize",
  token_endpoint: "https://tokens.example.com/token",
};

function stage(settings: Partial<SignInSettings> = {}) {
  const asked: string[] = [];
  const state = { document: ENDPOINTS as unknown, now: 0 };
  const ask: typeof fetch = async (address) => {
    asked.push(String(address));
    if (state.document instanceof Error) throw state.document;
    return Response.json(state.document);
  };
  return { asked, state, reader: new SignInReader({ ...SETTINGS, ...settings }, ask, () => state.now) };
}

test("the page learns the issuer's endpoints, which are asked for once an hour", async () => {
  const { asked, state, reader } = stage();

  expect(await reader.read()).toEqual({
    clientId: "console",
    authorizationEndpoint: "https://login.example.com/authorize",
    tokenEndpoint: "https://tokens.example.com/token",
    token: "access_token",
  });
  await reader.read();
  expect(asked).toEqual(["https://login.example.com/.well-known/openid-configuration"]);
  state.now = 3_600_001;
  await reader.read();
  expect(asked).toHaveLength(2);
});

test("an ID token is taken where the API takes tokens for the console itself", async () => {
  expect(await stage({ audience: "console" }).reader.read()).toMatchObject({ token: "id_token" });
});

test("without a client, and while the issuer is silent or says nonsense, there is no such way", async () => {
  const without = stage({ clientId: "" });
  expect([await without.reader.read(), without.asked]).toEqual([null, []]);

  const silent = stage();
  silent.state.document = new Error("no answer");
  expect(await silent.reader.read()).toBeNull();
  silent.state.document = ENDPOINTS;
  expect(await silent.reader.read()).toBeNull();
  silent.state.now = 30_001;
  expect(await silent.reader.read()).toMatchObject({ clientId: "console" });

  const plain = stage();
  plain.state.document = { ...ENDPOINTS, token_endpoint: "http://tokens.example.com/token" };
  expect(await plain.reader.read()).toBeNull();
});

test("the content policy lets the page ask the issuer's token endpoint, and nobody else", () => {
  expect(contentPolicy(["https://tokens.example.com"])).toContain("connect-src 'self' https://tokens.example.com;");
  expect(contentPolicy()).toContain("connect-src 'self';");
});
