import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import * as z from "zod";
import { contextWith } from "../../test/support/lambda-context.ts";
import { eventHandler, taskHandler } from "./handlers.ts";
import { httpHandler } from "./http-handler.ts";

/** Of an invocation that Lambda ends in a moment. */
const context = contextWith(20);
const REQUEST = {
  version: "2.0",
  routeKey: "GET /clusters",
  rawPath: "/clusters",
  rawQueryString: "",
  headers: {},
  isBase64Encoded: false,
  requestContext: {
    accountId: "111122223333",
    apiId: "api",
    domainName: "api.example.com",
    domainPrefix: "api",
    http: { method: "GET", path: "/clusters", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
    requestId: "req-1",
    routeKey: "GET /clusters",
    stage: "$default",
    time: "29/Nov/2026:18:00:00 +0000",
    timeEpoch: 1_795_975_200_000,
  },
};
function late() {
  return delay(60).then(() => "done");
}

test("0: only Lambda ends a step that runs too long: no error of middy's, which leaves the work running, comes before", async () => {
  await expect(taskHandler(z.unknown(), late)({}, context)).resolves.toBe("done");
  await expect(eventHandler(z.unknown(), () => late().then(() => {}))({}, context)).resolves.toBeUndefined();
});

test("0: every function is made by the handlers of functions/runtime", () => {
  const files = readdirSync("functions", { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );

  const own = files.filter((file) => readFileSync(`functions/${file}`, "utf8").includes("@middy/core"));

  expect(own.toSorted()).toEqual(["runtime/handlers.ts", "runtime/http-handler.ts"]);
});

test("6: a route that takes too long answers 503 and when to come again, before Lambda's time-out makes it a 500", async () => {
  const handler = httpHandler(() => late().then(() => ({ status: 200 })));

  const answer = await handler(REQUEST, context);

  expect(answer).toMatchObject({
    statusCode: 503,
    headers: { "content-type": "application/problem+json", "retry-after": "5", "x-request-id": "req-1" },
  });
});
