import { expect, test } from "vitest";
import { REQUESTS } from "../domain/api/requests.ts";
import { BadRequest, TooLarge } from "../domain/cluster/errors.ts";
import { readRequest } from "./request.ts";

function eventOf(change: object) {
  return { headers: {}, isBase64Encoded: false, ...change };
}

function problemsOf(read: () => unknown) {
  try {
    read();
  } catch (error) {
    if (error instanceof BadRequest) return error.problems;
    throw error;
  }
  return [];
}

test("a name in the path is read", () => {
  const event = eventOf({ pathParameters: { name: "prod.example.com" } });

  expect(readRequest(event, REQUESTS.listResources).path).toEqual({ name: "prod.example.com" });
});

test("one that cannot be is refused by its name, with what was given and what is expected", () => {
  const refused = () => readRequest(eventOf({ pathParameters: { name: "Bad_Name" } }), REQUESTS.getCluster);

  expect(refused).toThrow(BadRequest);
  expect(refused).toThrow('name: "Bad_Name" is not valid; expected a lower-case DNS name such as prod.example.com');
});

test("every place that is wrong is named at once: path, query and header", () => {
  const event = eventOf({
    pathParameters: { name: "-" },
    queryStringParameters: { finalSnapshot: "yes" },
    headers: { "idempotency-key": "white space" },
  });

  expect(problemsOf(() => readRequest(event, REQUESTS.deleteCluster)).map(({ flag, value }) => [flag, value])).toEqual([
    ["name", "-"],
    ["finalSnapshot", "yes"],
    ["idempotency-key", "white space"],
  ]);
});

test.each([
  ["a query parameter", REQUESTS.listClusters, { queryStringParameters: { sttaus: "ACTIVE" } }, "sttaus"],
  [
    "one of a route that has none",
    REQUESTS.createPlan,
    { queryStringParameters: { dry: "1" }, body: '{"spec":{}}' },
    "dry",
  ],
  ["a field of the body", REQUESTS.createCluster, { body: '{"spec":{},"yes":true}' }, "yes"],
])("%s that nobody knows is refused by name", (_, request, change, flag) => {
  expect(problemsOf(() => readRequest(eventOf(change), request)).map((problem) => problem.flag)).toEqual([flag]);
});

test.each([
  ["arrays", "[", "]"],
  ["objects", '{"a":', "}"],
])("L3: %s in each other are refused beyond 32 levels, however many", (_, open, close) => {
  const read = (levels: number) => () =>
    readRequest(eventOf({ body: `{"spec":${open.repeat(levels)}1${close.repeat(levels)}}` }), REQUESTS.createPlan);

  expect(read(31)).not.toThrow();
  for (const levels of [32, 10_000]) expect(read(levels)).toThrow("the body is nested deeper than 32 levels");
});

test.each(["0", "101", "1.5", "many", ""])("a limit of %j is refused", (limit) => {
  expect(
    problemsOf(() => readRequest(eventOf({ queryStringParameters: { limit } }), REQUESTS.listClusters)),
  ).toHaveLength(1);
});

test("a page has fifty items unless asked for otherwise", () => {
  expect(readRequest(eventOf({}), REQUESTS.listClusters).query).toEqual({ limit: 50 });
});

test("a body that is no JSON, or above 64 KiB, is not read", () => {
  expect(() => readRequest(eventOf({ body: "{" }), REQUESTS.createPlan)).toThrow("the body is not JSON");
  const large = JSON.stringify({ spec: { name: "a".repeat(65_536) } });
  expect(() => readRequest(eventOf({ body: large }), REQUESTS.createPlan)).toThrow(TooLarge);
});

test("what was given comes back cut, and without characters that a terminal or a chat would act on", () => {
  const event = eventOf({ queryStringParameters: { cursor: `\u001b[31m${"x".repeat(600)}` } });

  const [problem] = problemsOf(() => readRequest(event, REQUESTS.listClusters));

  expect(problem?.value).toMatch(/^\\u001b\[31mx+… \(605 characters\)$/);
});

test("a fleet's name and selector are refused in one answer", () => {
  const body = JSON.stringify({ name: "BAD name", selector: "env=,(" });

  const problems = problemsOf(() => readRequest(eventOf({ body }), REQUESTS.createFleet));
  expect(problems.map(({ flag, value }) => [flag, value])).toEqual([
    ["name", "BAD name"],
    ["selector", "env=,("],
  ]);
  expect(problems[1]?.message).toContain('"(" is not a condition; expected key=value');
});

test.each([
  ["migrateCluster", { masterZones: [] }, 'masterZones: "[]" is not valid; expected at least 1 item'],
  ["migrateCluster", { masterZones: "a" }, 'masterZones: "a" is not valid; expected a list'],
  ["migrateCluster", {}, "masterZones: missing; expected a list"],
  ["restoreCluster", { from: "moon" }, `from: "moon" is not valid; expected backup or survivor`],
  ["restoreCluster", {}, "from: missing; expected backup or survivor"],
  ["drillCluster", { backup: null }, 'backup: "null" is not valid; expected latest or text'],
  [
    "migrateCluster",
    { masterZones: Array(2000).fill("us-west-2a") },
    expect.stringMatching(/expected at most \d+ items$/),
  ],
  ["scaleCluster", { count: "3" }, 'count: "3" is not valid; expected a number'],
] as const)("20: what is expected is said once, in words that are no machine's: %s %j", (route, body, message) => {
  const event = eventOf({ pathParameters: { name: "prod.example.com" }, body: JSON.stringify(body) });

  expect(problemsOf(() => readRequest(event, REQUESTS[route])).map((problem) => problem.message)).toEqual([message]);
});
