import { expect, test } from "vitest";
import { createRouter } from "./routes.ts";

const ROUTES = [
  "GET /clusters",
  "GET /clusters/{name}",
  "ANY /clusters/{name}",
  "GET /clusters/all",
  "POST /clusters/{name}/{action}",
  "ANY /chat/{proxy+}",
];
function find(routeKeys: readonly string[]) {
  return createRouter(
    routeKeys.map((routeKey) => ({ routeKey, authorizationType: "NONE", functionArn: "f", timeoutMs: 30_000 })),
  );
}

const CASES: readonly [
  method: string,
  path: string,
  routeKey: string | undefined,
  parameters?: Record<string, string>,
][] = [
  ["GET", "/clusters", "GET /clusters", {}],
  ["POST", "/clusters", undefined],
  ["GET", "/clusters/", undefined],
  ["GET", "/clusters/demo", "GET /clusters/{name}", { name: "demo" }],
  ["GET", "/clusters/all", "GET /clusters/all", {}],
  ["DELETE", "/clusters/all", "ANY /clusters/{name}", { name: "all" }],
  ["GET", "/clusters/a%2Fb", "GET /clusters/{name}", { name: "a/b" }],
  ["POST", "/clusters/demo/backup", "POST /clusters/{name}/{action}", { name: "demo", action: "backup" }],
  ["PUT", "/chat/slack/events", "ANY /chat/{proxy+}", { proxy: "slack/events" }],
  ["GET", "/chat", undefined],
];

test.each(CASES)("%s %s leads to %s", (method, path, routeKey, parameters) => {
  const match = find(ROUTES)(method, path);

  expect(match?.route.routeKey).toBe(routeKey);
  if (routeKey) expect(match?.pathParameters).toEqual(parameters);
});

test("$default takes what no other route does", () => {
  expect(find([...ROUTES, "$default"])("PATCH", "/elsewhere")?.route.routeKey).toBe("$default");
});
