import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { contentPolicy } from "../../functions/domain/console/content-policy.ts";
import { type Browser, expectAccessible, openBrowser, openPage } from "../support/console/browser.ts";
import { serveFixtures } from "../support/console/fixture-server.ts";
import { startIssuer } from "../support/console/issuer.ts";

const TOKEN = "token-of-the-issuer";
let browser: Browser;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let server: Awaited<ReturnType<typeof serveFixtures>>;
let opened: Awaited<ReturnType<typeof openPage>>;

beforeAll(async () => {
  [browser, issuer] = await Promise.all([openBrowser(), startIssuer(TOKEN)]);
  server = await serveFixtures(contentPolicy([issuer.origin]));
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  issuer?.close();
});
beforeEach(async () => {
  Object.assign(server.stage, { role: "nobody", signIn: issuer.signIn, token: TOKEN });
  issuer.state.refuses = false;
  opened = await openPage(browser);
  return async () => {
    expect(opened.faults).toEqual([]);
    await opened.close();
  };
});

async function signIn() {
  const { page } = opened;
  await page.goto(`${server.url}clusters`);
  await page.getByRole("button", { name: "Sign in with your account" }).click();
  return page;
}

test("who has an account at the issuer signs in by a code with PKCE, and the page keeps no token", async () => {
  const page = await signIn();
  await page.getByRole("heading", { level: 1, name: "Clusters" }).waitFor();

  expect(page.url()).toBe(`${server.url}clusters`);
  expect(await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")).toBe("[{},{}]");
});

test("what the issuer refuses is said in its words, and another attempt is offered", async () => {
  issuer.state.refuses = true;
  const page = await signIn();
  await page.getByText("You are not assigned to this application.").waitFor();
  await expectAccessible(page);

  issuer.state.refuses = false;
  await page.getByRole("button", { name: "Sign in with your account" }).click();
  await page.getByRole("heading", { level: 1, name: "Clusters" }).waitFor();
});

test("an answer that this page did not ask for, and a token that the API does not take, open nothing", async () => {
  const { page } = opened;
  await page.goto(`${server.url}clusters?code=stolen&state=another`);
  await page.getByRole("button", { name: "Sign in with your account" }).waitFor();
  await page.evaluate(`sessionStorage.setItem("holdfast-sign-in", '{"verifier":"v","state":"mine"}')`);
  await page.goto(`${server.url}clusters?code=stolen&state=another`);
  await page.getByText("The answer is not of this page's request.").waitFor();

  server.stage.token = "another";
  await page.getByRole("button", { name: "Sign in with your account" }).click();
  await page.getByText("Unauthorized").waitFor();
  expect(server.stage.role).toBe("nobody");
});

test("a stack without an issuer offers the command line alone", async () => {
  server.stage.signIn = null;
  await opened.page.goto(`${server.url}clusters`);
  await opened.page.getByText("holdfast console").waitFor();
  expect(await opened.page.getByRole("button").count()).toBe(0);
});
