import { expect, test } from "vitest";
import { ClusterName } from "../../functions/domain/spec.ts";
import { BadRequest } from "../../functions/runtime/problems.ts";
import { pathParameter } from "../../functions/runtime/request.ts";

const eventFor = (name: string) => ({ pathParameters: { name } });

test("a name in the path is read", () => {
  expect(pathParameter(eventFor("prod.example.com"), "name", ClusterName)).toBe("prod.example.com");
});

test("one that cannot be is refused by its name, with what was given and what is expected", () => {
  const refused = () => pathParameter(eventFor("Bad_Name"), "name", ClusterName);

  expect(refused).toThrow(BadRequest);
  expect(refused).toThrow('name: "Bad_Name" cannot be one; expected a lower-case DNS name such as prod.example.com');
});
