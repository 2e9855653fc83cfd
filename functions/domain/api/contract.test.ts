import { expect, test } from "vitest";
import { listFunctions } from "../../../scripts/build.ts";
import { demandOf } from "./api-demand.ts";
import { problemExample } from "./examples.ts";
import { PROBLEM_NAMES } from "./problems.ts";
import { REQUESTS } from "./requests.ts";
import { ROUTES } from "./routes.ts";
import { ProblemDocumentSchema } from "./views.ts";

test("every function of functions/api answers a route, and every route has a function", () => {
  const files = listFunctions()
    .filter(({ entry }) => entry.includes("/functions/api/") || /chat-(slack|mattermost|webhook)\.ts$/.test(entry))
    .map(({ name }) => name);

  expect(new Set(Object.values(ROUTES).map((route) => route.function))).toEqual(new Set(files));
});

test("each operation id has its own request", () => {
  for (const [id, route] of Object.entries(ROUTES))
    expect(Object.entries(REQUESTS)).toContainEqual([id, route.request]);
});

test("an example of an answer is one", () => {
  for (const [id, { answers }] of Object.entries(ROUTES))
    for (const [status, { schema, example }] of Object.entries(answers))
      if (schema) expect(schema.safeParse(example).error, `${id} ${status}`).toBeUndefined();
});

test("an example of a body is one, by what is published and by what the handler checks", () => {
  for (const [id, { body, request }] of Object.entries(ROUTES))
    for (const schema of body ? [body.schema, request.body] : [])
      expect(schema?.safeParse(body?.example).error, id).toBeUndefined();
});

test.each([["xx"], ["a b"], [""], ["A".repeat(301)]])("a cursor that no answer gave is refused: %j", (cursor) => {
  expect(REQUESTS.listBackups.query.safeParse({ cursor }).success).toBe(false);
});

test.each(PROBLEM_NAMES)("the problem %s has an example", (name) => {
  expect(ProblemDocumentSchema.safeParse(problemExample(name)).success).toBe(true);
});

test("a chat asks for the same permission as the route that its request goes to", () => {
  const asked = Object.values(REQUESTS)
    .filter(({ action }) => action !== null && action !== "join")
    .map(({ route, action }) => {
      const [method = "", path = ""] = route.split(" ");
      return [route, demandOf(method, path.replace("{name}", "ha").replace("{id}", "op-1"), {}).action === action];
    });

  expect(asked.filter(([, agrees]) => !agrees)).toEqual([]);
});
