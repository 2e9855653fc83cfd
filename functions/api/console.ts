import { randomBytes } from "node:crypto";
import * as z from "zod";
import { invokeFunction, lambda } from "../aws/lambda/invoke.ts";
import { OPEN_CONSOLE } from "../domain/api/console-request.ts";
import { type ConsoleRoute, PAGES_ROUTE, SESSION_ROUTE, SIGN_IN_PATH } from "../domain/console/targets.ts";
import { parseJson } from "../domain/text/parse-json.ts";
import { callerOf } from "../runtime/access.ts";
import { apiHandlers } from "../runtime/api-handler.ts";
import { lazily, NonEmpty, readEnv } from "../runtime/env.ts";
import { readRequest } from "../runtime/request.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { type ConsoleFiles, serveFile } from "../usecases/console/files.ts";
import { answerSession, type ConsoleDeps, openSession } from "../usecases/console/sessions.ts";
import { SignInReader } from "../usecases/console/sign-in.ts";

/** What the bundler puts here (scripts/build.ts): the console, and the routes that it may ask for. */
declare const CONSOLE_FILES: ConsoleFiles;
declare const CONSOLE_ROUTES: readonly ConsoleRoute[];

const Names = z.record(z.string(), z.string());
/** Functions' names in the account by their files' names. */
const names = lazily(() => Names.parse(parseJson(readEnv({ ROUTE_FUNCTIONS: NonEmpty }).ROUTE_FUNCTIONS)));
const Text = z.string().default("");
const signIns = lazily(() => {
  const { JWT_ISSUER, JWT_AUDIENCE, CONSOLE_CLIENT_ID } = readEnv({
    JWT_ISSUER: Text,
    JWT_AUDIENCE: Text,
    CONSOLE_CLIENT_ID: Text,
  });
  const settings = { issuer: JWT_ISSUER, audience: JWT_AUDIENCE, clientId: CONSOLE_CLIENT_ID };
  return new SignInReader(settings, fetch, () => system.clock.now().getTime());
});

function depsOf(): ConsoleDeps {
  return {
    store: table,
    clock: system.clock,
    newSecret: () => randomBytes(32).toString("base64url"),
    invoke: (name, event) => invokeFunction(lambda, names()[name] ?? name, event),
    routes: CONSOLE_ROUTES,
  };
}

/**
 * The web console: its files, its sessions, and the API for whoever has one. It does not know the rules: those are held
 * by the functions that it asks, against the names of whoever opened the session.
 */
export const handler = apiHandlers(
  {
    route: OPEN_CONSOLE.route,
    answer: async (event) => openSession(depsOf(), callerOf(event), readRequest(event, OPEN_CONSOLE).body.hours),
  },
  {
    route: PAGES_ROUTE,
    answer: async ({ pathParameters, headers }) => {
      const signIn = await signIns().read();
      const path = pathParameters?.["proxy"] ?? "";
      if (path === SIGN_IN_PATH) return { status: 200, headers: { "cache-control": "no-store" }, body: { signIn } };
      const origins = signIn ? [new URL(signIn.tokenEndpoint).origin] : [];
      return serveFile(CONSOLE_FILES, path, headers["accept-encoding"], origins);
    },
  },
  { route: SESSION_ROUTE, answer: (event) => answerSession(depsOf(), event) },
);
